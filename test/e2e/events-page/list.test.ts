import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import {
  type EventsPage,
  messages,
  rows,
  scrollTo,
  startEventsPage,
  timeOf,
} from "../../support/browser/events-page.js";
import { eventually } from "../../support/eventually.js";

let site: EventsPage;
beforeAll(async () => {
  site = await startEventsPage();
});
afterAll(() => site.close());
afterEach(async () => {
  site.gateway.simulator.faults.clear();
  expect(await site.closePages()).toEqual([]);
});

test("begins with the newest event, and scrolls to the oldest", async () => {
  const job = site.createJob(450);
  const page = await site.open(job);
  await rows(page).first().waitFor();
  expect((await messages(page)).slice(0, 3)).toEqual([449, 448, 447].map((at) => `step ${at} of ${job}`));
  const end = page.getByText("Beginning of the log");
  await eventually(async () => {
    await scrollTo(page, 1e9);
    return (await end.isVisible()) && (await messages(page)).includes(`step 0 of ${job}`);
  });
});

test("reaches each of 20,000 events in both directions with few rows in the page", async () => {
  const job = site.createJob(20_000);
  const page = await site.open(`${job}?at=${timeOf(10_000)}`);
  await page.getByText(`step 10000 of ${job}`).waitFor();
  const seen = await page.evaluate<Seen>(WALK);
  expect(seen.most).toBeLessThan(120);
  const numbers = new Set(seen.messages.map((message) => Number(/^step (\d+) /.exec(message)?.[1])));
  expect(numbers.size).toBe(20_000);
});

type Seen = { readonly most: number; readonly messages: string[] };

/** Runs in the page: scrolls up to the newest event, then down to the oldest, and notes each row on the way. */
const WALK = `(async () => {
  const list = document.querySelector(".rows");
  const seen = new Set();
  let most = 0;
  const look = async () => {
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const rows = document.querySelectorAll(".row");
    most = Math.max(most, rows.length);
    for (const row of rows) seen.add(row.querySelector(".message").textContent);
  };
  const step = list.clientHeight * 0.9;
  while (document.querySelector(".live.following") === null || list.scrollTop > 0) {
    list.scrollTop -= step;
    await look();
  }
  while (!list.querySelector(".foot").textContent.startsWith("Beginning") || list.scrollTop + list.clientHeight < list.scrollHeight - 2) {
    list.scrollTop += step;
    await look();
  }
  return { most, messages: [...seen] };
})()`;

describe("new events", () => {
  test("appear on top, or wait in a button while the user reads further down, without a jump", async () => {
    const job = site.createJob(300);
    const page = await site.open(job);
    await page.getByText("Live").waitFor();
    site.write(job, 300, 2);
    await page.getByText(`step 301 of ${job}`).waitFor();
    await scrollTo(page, 900);
    const row = page.getByText(`step 275 of ${job}`);
    await row.waitFor();
    const before = await row.boundingBox();
    site.write(job, 302, 12);
    const pill = page.getByRole("button", { name: "12 new" });
    await pill.waitFor();
    expect((await row.boundingBox())?.y).toBe(before?.y);
    await pill.click();
    await page.getByText(`step 313 of ${job}`).waitFor();
    expect(await pill.count()).toBe(0);
    expect((await messages(page))[0]).toBe(`step 313 of ${job}`);
  });

  test("are only counted if there are too many, and all are shown after a click", async () => {
    const job = site.createJob(5);
    const page = await site.open(job);
    await page.getByText("Live").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    site.write(job, 5, 5_100);
    const pill = page.getByRole("button", { name: "5,000+ new" });
    await pill.waitFor();
    await page.getByText("5,105 events").waitFor();
    await pill.click();
    await page.getByText(`step 5104 of ${job}`).waitFor();
    await eventually(async () => {
      await scrollTo(page, 1e9);
      return (await messages(page)).includes(`step 0 of ${job}`);
    });
  });

  test("wait while the list is paused", async () => {
    const job = site.createJob(5);
    const page = await site.open(job);
    await page.getByText("Live").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    site.write(job, 5, 3);
    await page.getByRole("button", { name: "3 new" }).waitFor();
    expect((await messages(page))[0]).toBe(`step 4 of ${job}`);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText(`step 7 of ${job}`).waitFor();
  });

  test("of an older time take their place in the list, and do not move the rows on the screen", async () => {
    const job = site.createJob(150);
    const page = await site.open(job);
    await page.getByText("Live").waitFor();
    site.write(job, 150, 1);
    await page.getByText(`step 150 of ${job}`).waitFor();
    await scrollTo(page, 900);
    const row = page.getByText(`step 120 of ${job}`);
    const before = await row.boundingBox();
    site.writeLate(job, 145, "late and near");
    await page.getByText("152 events").waitFor();
    expect((await row.boundingBox())?.y).toBe(before?.y);
    await scrollTo(page, 0);
    await page.getByText("late and near").waitFor();
    const shown = await messages(page);
    expect(shown.slice(4, 8)).toEqual([
      `step 146 of ${job}`,
      "late and near",
      `step 145 of ${job}`,
      `step 144 of ${job}`,
    ]);
  });

  test("that are too old are counted, and shown after a reload", async () => {
    const job = site.createJob(150);
    const page = await site.open(job);
    await page.getByText("Live").waitFor();
    site.write(job, 150, 1);
    await page.getByText(`step 150 of ${job}`).waitFor();
    site.writeLate(job, 3, "late and far");
    await page.getByText("1 events have been added that are not shown").waitFor();
    await page.getByRole("button", { name: "Reload" }).click();
    await eventually(async () => {
      await scrollTo(page, 1e9);
      return (await messages(page)).includes("late and far");
    });
    expect(await page.getByText("have been added that are not shown").count()).toBe(0);
  });
});

test("shows the error, and continues after a temporary failure", async () => {
  const missing = await site.open("no-such-job");
  await missing.getByRole("alert").getByText("ModelArts has no training job with this ID.").waitFor();
  const job = site.createJob(5);
  site.gateway.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null, jobId: job });
  const page = await site.open(job);
  await page.getByRole("alert").getByText("The page tries again by itself").waitFor();
  site.gateway.simulator.faults.clear();
  await page.getByText(`step 4 of ${job}`).waitFor();
});
