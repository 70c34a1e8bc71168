import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type Page, type Route } from "playwright-core";
import {
  activeMessage,
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
  expect(await site.closePages()).toEqual([]);
});

async function plotOf(page: Page): Promise<{ x: number; y: number; width: number }> {
  const plot = page.locator(".u-over");
  await plot.waitFor();
  const box = await plot.boundingBox();
  if (box === null) throw new Error("There is no histogram.");
  return box;
}

describe("filters", () => {
  test("by buttons with counts and by text with highlighted matches, all in the URL", async () => {
    const job = site.createJob(100);
    const page = await site.open(job);
    const chip = page.getByRole("button", { name: /^ERROR/ });
    await chip.getByText("10", { exact: true }).waitFor();
    await chip.click();
    await page.getByText("10 events").waitFor();
    // The chips that are not chosen keep their numbers.
    await page.getByRole("button", { name: /^INFO/ }).getByText("90", { exact: true }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("step 9");
    await page.getByText("1 events").first().waitFor();
    expect(await page.locator("mark").allTextContents()).toEqual(["step 9"]);
    expect(new URL(page.url()).searchParams.get("levels")).toBe("ERROR");
    await page.reload();
    await page.getByText("1 events").first().waitFor();
    expect(await page.getByRole("searchbox").inputValue()).toBe("step 9");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByText("100 events").first().waitFor();
  });

  test("by dragging over the histogram, which then shows only that range", async () => {
    const job = site.createJob(100);
    const page = await site.open(job);
    const plot = await plotOf(page);
    await page.mouse.move(plot.x + plot.width * 0.25, plot.y + 10);
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width * 0.5, plot.y + 10, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/start=.*end=/);
    await eventually(async () => {
      const shown = await messages(page);
      return shown.length > 0 && !shown.includes(`step 99 of ${job}`);
    });
    const total = (await page.locator(".status .total").textContent()) ?? "";
    expect(Number(/\d+/.exec(total)?.[0])).toBeLessThan(50);
    await page.locator(".chip.range").click();
    await page.getByText("100 events").first().waitFor();
  });

  test("mark errors of the whole log in the histogram, not only of the loaded events", async () => {
    const job = site.createJob(2_000);
    const page = await site.open(job);
    await page.getByRole("img", { name: /ERROR 200, WARNING 0/ }).waitFor();
    site.write(job, 2_000, 10);
    await page.getByRole("img", { name: /ERROR 201, WARNING 0/ }).waitFor();
  });
});

test("the first view of a long log counts with few calls to ModelArts", async () => {
  const job = site.createJob(12_000);
  const page = await site.open(job);
  await page.getByRole("img", { name: /ERROR 1200, WARNING 0/ }).waitFor();
  const { list } = site.gateway.simulator.calls;
  const counting = list.filter(({ path, query }) => path.includes(job) && query["limit"] === "1");
  // Three levels, three sources, and 30 buckets of all events and of the errors.
  expect(counting.length).toBeGreaterThan(30);
  expect(counting.length).toBeLessThanOrEqual(3 + 3 + 30 + 30);
});

async function jumpTo(page: Page, time: string): Promise<void> {
  await page.getByText("Jump to time").click();
  await page.getByLabel("Time", { exact: true }).fill(time.slice(0, 19));
  await page.getByRole("button", { name: "Go" }).click();
}

describe("places", () => {
  test("a link opens one event in the whole log, for any filter", async () => {
    const job = site.createJob(600);
    const page = await site.open(`${job}?levels=ERROR`);
    await page.getByText(`step 300 of ${job}`).waitFor();
    const row = page.locator(".row", { hasText: `step 300 of ${job}` });
    const href = (await row.getByRole("link").getAttribute("href")) ?? "";
    const isInContext = async (one: Page): Promise<void> => {
      await activeMessage(one).getByText(`step 300 of ${job}`).waitFor();
      await one.getByText(`step 301 of ${job}`).waitFor();
      await one.getByText(`step 299 of ${job}`).waitFor();
    };
    await row.getByRole("link").click();
    await isInContext(page);
    // One after the other: Chromium renders no rows of a page behind another one.
    await page.close();
    const linked = await site.open(`${job}${href}`);
    await isInContext(linked);
    await linked.getByRole("button", { name: "Newest events" }).click();
    await linked.getByText(`step 599 of ${job}`).waitFor();
  });

  test("a jump to a time, and a click on the histogram, scroll on in both directions", async () => {
    const job = site.createJob(600);
    const page = await site.open(`${job}?at=${timeOf(300)}&zone=utc`);
    await activeMessage(page).getByText(`step 300 of ${job}`).waitFor();
    await page.getByText(`step 301 of ${job}`).waitFor();
    await jumpTo(page, timeOf(100));
    await activeMessage(page).getByText(`step 100 of ${job}`).waitFor();
    await scrollTo(page, 100_000);
    await page.getByText(`step 100 of ${job}`).waitFor({ state: "detached" });
    await jumpTo(page, timeOf(100));
    await activeMessage(page).getByText(`step 100 of ${job}`).waitFor();
    const plot = await plotOf(page);
    await page.mouse.click(plot.x + plot.width * 0.75, plot.y + 20);
    await activeMessage(page)
      .getByText(/^step 4\d\d of/)
      .waitFor();
  });

  describe("before the browser reports that it has scrolled", () => {
    test("no newer events are requested", async () => {
      const job = site.createJob(600);
      const page = await site.open(`${job}?zone=utc`);
      await rows(page).first().waitFor();
      let newerPages = 0;
      page.on("request", (request) => {
        if (request.postData()?.includes("EventsSince") === true) newerPages += 1;
      });
      const release = await holdScrollEvents(page);
      await jumpTo(page, timeOf(300));
      await hasScrolled(page);
      await release();
      await activeMessage(page).getByText(`step 300 of ${job}`).waitFor();
      expect(newerPages).toBe(0);
      await scrollTo(page, 100);
      await eventually(() => newerPages > 0);
      await page.getByText(`step 340 of ${job}`).waitFor();
    });

    test("new events on top do not change the row to which the list scrolls", async () => {
      const job = site.createJob(100);
      const page = await site.open(`${job}?zone=utc`);
      await page.getByText("Live").waitFor();
      const release = await holdScrollEvents(page);
      await jumpTo(page, timeOf(50));
      await hasScrolled(page);
      await page.getByText("Live").waitFor();
      site.write(job, 100, 100);
      await page.getByText("200 events").waitFor();
      await release();
      await activeMessage(page).getByText(`step 50 of ${job}`).waitFor();
    });
  });

  test("the newest events do not move the rows of a reader at the top of older ones", async () => {
    const job = site.createJob(300);
    const page = await site.open(`${job}?at=${timeOf(240)}`);
    await activeMessage(page).getByText(`step 240 of ${job}`).waitFor();
    const row = page.getByText(`step 285 of ${job}`);
    const answer = await holdNewerPages(page);
    await scrollTo(page, 0);
    await row.waitFor();
    const before = await row.boundingBox();
    await answer();
    await page.getByText("Live").waitFor();
    expect(await row.boundingBox()).toEqual(before);
  });

  test("a removed event leads to the newest events", async () => {
    const job = site.createJob(20);
    const page = await site.open(`${job}?event=unknown`);
    await page.getByRole("alert").getByText("The place in the log is gone.").waitFor();
    await page.getByRole("alert").getByRole("button", { name: "Newest events" }).click();
    await page.getByText(`step 19 of ${job}`).waitFor();
  });
});

/** The page gets no scroll events until the returned function is called. */
async function holdScrollEvents(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(`{
    const hold = (event) => event.stopImmediatePropagation();
    addEventListener("scroll", hold, true);
    window.releaseScrollEvents = () => {
      removeEventListener("scroll", hold, true);
      document.querySelector(".rows").dispatchEvent(new Event("scroll"));
    };
  }`);
  return () => page.evaluate("releaseScrollEvents()");
}

const hasScrolled = (page: Page): Promise<void> =>
  eventually(() => page.evaluate<boolean>(`document.querySelector(".rows").scrollTop > 0`));

/** Requests for newer events are answered when the returned function is called. */
async function holdNewerPages(page: Page): Promise<() => Promise<void>> {
  const held: Route[] = [];
  await page.route("**/graphql", (route) => {
    if (route.request().postData()?.includes("EventsSince") !== true) return route.continue();
    held.push(route);
    return undefined;
  });
  return async () => {
    await eventually(() => held.length > 0);
    await held.shift()?.continue();
  };
}

describe("a download", () => {
  test.each([
    ["NDJSON", 230],
    ["CSV", 231],
  ])("as %s has every event of the filter", async (format, lines) => {
    const job = site.createJob(230);
    const page = await site.open(job);
    await rows(page).first().waitFor();
    const text = await downloaded(page, () => choose(page, format));
    expect(text.trimEnd().split("\n")).toHaveLength(lines);
    expect(text).toContain(`step 229 of ${job}`);
  });

  test("shows how far it is, and ends at once when it is cancelled", async () => {
    const job = site.createJob(400);
    const page = await site.open(job);
    await rows(page).first().waitFor();
    const held: (() => Promise<void>)[] = [];
    let isHolding = true;
    await page.route("**/graphql", (route) => {
      const { variables } = route.request().postDataJSON() as { variables: { order?: string } };
      if (!isHolding || variables.order !== "OLDEST_FIRST") return route.continue();
      held.push(async () => {
        await route.continue();
        await (await route.request().response())?.finished();
      });
      return undefined;
    });
    const answer = async (): Promise<void> => {
      await eventually(() => held.length > 0);
      await held.shift()?.();
    };
    const progress = page.getByRole("progressbar", { name: "Download" });
    const shows = (share: number): Promise<void> =>
      eventually(async () => Number(await progress.getAttribute("value")) === share);
    let saved = 0;
    page.on("download", () => (saved += 1));

    await choose(page, "NDJSON");
    await shows(0);
    for (const share of [0.25, 0.5]) {
      await answer();
      await shows(share);
    }
    await page.getByText("50 %").waitFor();
    // The download has asked for its third page.
    await eventually(() => held.length > 0);
    await page.getByRole("button", { name: "Cancel" }).click();
    expect(await progress.count()).toBe(0);

    const text = await downloaded(page, async () => {
      await choose(page, "NDJSON");
      // The page that the cancelled download has asked for does not move this one.
      await answer();
      await shows(0);
      // All at once: Apollo Client asks once for a page that both downloads wait for.
      isHolding = false;
      for (const go of held.splice(0)) await go();
    });
    expect(text.trimEnd().split("\n")).toHaveLength(400);
    expect(await progress.count()).toBe(0);
    expect(saved).toBe(1);
  });
});

async function choose(page: Page, format: string): Promise<void> {
  await page.getByText("Download").click();
  await page.getByRole("button", { name: format }).click();
}

/** The text of the file that is saved by what `run` does. */
async function downloaded(page: Page, run: () => Promise<void>): Promise<string> {
  const [saving] = await Promise.all([page.waitForEvent("download"), run()]);
  return readFile(await saving.path(), "utf8");
}

test("the keyboard moves through rows and errors, also to errors that are not loaded", async () => {
  const job = site.createJob(35);
  const page = await site.open(job);
  await rows(page).first().waitFor();
  const active = activeMessage(page);
  await page.keyboard.press("ArrowDown");
  expect(await active.textContent()).toBe(`step 34 of ${job}`);
  await page.keyboard.press("e");
  expect(await active.textContent()).toBe(`step 30 of ${job}`);
  await page.keyboard.press("e");
  await page.keyboard.press("ArrowUp");
  expect(await active.textContent()).toBe(`step 21 of ${job}`);
  // The errors at 20, 10 and 0, and one more try.
  for (let times = 0; times < 4; times += 1) await page.keyboard.press("e");
  await page.getByText("There is no older error.").waitFor();

  const quiet = "one-old-error";
  const info = { source: "Job", message: "quiet" } as const;
  const at = (index: number): number => Date.parse(timeOf(index));
  site.gateway.simulator.jobs.create(quiet, [
    { timeMs: at(0), level: "Error", source: "Job", message: "the only error" },
    ...Array.from({ length: 1_000 }, (_, index) => ({ ...info, timeMs: at(index + 1) })),
  ]);
  const other = await site.open(quiet);
  await rows(other).first().waitFor();
  await other.keyboard.press("e");
  await activeMessage(other).getByText("the only error").waitFor();
});

test("Chinese changes the page and the messages, and UTC the times", async () => {
  const page = await site.open("chinese?lang=zh-cn&zone=utc");
  await page.getByText("训练作业事件").first().waitFor();
  await rows(page).first().waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
  expect((await messages(page)).join("")).toMatch(/[\u4e00-\u9fff]/);
  const time = page.locator(".row time").first();
  const [, clock = "none"] = /T(\d\d:\d\d:\d\d)/.exec((await time.getAttribute("datetime")) ?? "") ?? [];
  expect(await time.textContent()).toContain(clock);
});
