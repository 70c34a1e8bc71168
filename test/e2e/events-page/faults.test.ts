import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { type Page } from "playwright-core";
import { type EventsPage, startEventsPage } from "../../support/browser/events-page.js";
import { eventually } from "../../support/eventually.js";

/** How long the writers write at least; `EVENTS_PAGE_FAULTS_MS=60000` for a long run. */
const LEAST_MS = Number(process.env["EVENTS_PAGE_FAULTS_MS"] ?? 0);
const JOBS = 10;
const WRITE_EVERY_MS = 200;

let site: EventsPage;
beforeAll(async () => {
  site = await startEventsPage({ mayFail: true, env: { BREAKER_OPEN_MS: "500" } });
  site.gateway.simulator.set({ tokens: [{ token: "any" }] });
});
afterAll(() => site.close());
afterEach(async () => {
  expect(await site.closePages()).toEqual([]);
});

test("10 jobs through two kills, a failing upstream and an expired token: each event once, in order", async () => {
  const { gateway } = site;
  const jobs = Array.from({ length: JOBS }, () => site.createJob(3));
  const written = new Map(jobs.map((job) => [job, 3]));
  const startedMs = Date.now();
  const writing = setInterval(() => {
    for (const [job, count] of written) {
      site.write(job, count, 1);
      written.set(job, count + 1);
    }
  }, WRITE_EVERY_MS);
  const pages = await Promise.all(jobs.map((job) => site.open(job)));
  await allSay(pages, "Live");

  await gateway.kill();
  await allSay(pages, /^Connection lost/);
  await gateway.start();
  await allSay(pages, "Live");

  gateway.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null });
  await allSay(pages, /^As of .*ModelArts does not answer$/);
  gateway.simulator.faults.clear();
  await allSay(pages, "Live");

  gateway.simulator.set({ tokens: [{ token: "renewed" }] });
  await allSay(pages, "Signed out");
  const [first] = pages;
  await first?.getByLabel("Token").fill("renewed");
  await first?.getByRole("button", { name: "Use token" }).click();
  await allSay(pages, "Live");

  await gateway.kill();
  await allSay(pages, /^Connection lost/);
  await gateway.start();
  await allSay(pages, "Live");

  await eventually(() => Date.now() - startedMs >= LEAST_MS);
  clearInterval(writing);
  for (const [index, page] of pages.entries()) {
    const job = jobs[index] ?? "";
    const count = written.get(job) ?? 0;
    await page.getByText(`step ${count - 1} of ${job}`, { exact: true }).waitFor();
    // Chromium renders no rows of a page behind another one.
    await page.bringToFront();
    const expected = Array.from({ length: count }, (_, at) => `step ${at} of ${job}`).reverse();
    expect(await page.evaluate<string[]>(LISTED)).toEqual(expected);
    expect(await page.locator(".status .total").textContent()).toBe(`${count} events`);
  }
});

/** Waits until each page has said it, whatever it says later. */
async function allSay(pages: readonly Page[], text: string | RegExp): Promise<void> {
  await Promise.all(pages.map((page) => page.locator(".live").getByText(text, { exact: true }).waitFor()));
}

/** Runs in the page: the messages of all rows by their position, from a walk down the list. */
const LISTED = `(async () => {
  const list = document.querySelector(".rows");
  const found = [];
  list.scrollTop = 0;
  for (;;) {
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 20)));
    for (const row of document.querySelectorAll(".row"))
      found[Number(row.ariaPosInSet) - 1] = row.querySelector(".message").textContent;
    if (list.scrollTop + list.clientHeight >= list.scrollHeight - 2) return found;
    list.scrollTop += list.clientHeight * 0.8;
  }
})()`;
