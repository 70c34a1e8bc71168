import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { type Simulator, startSimulator } from "../../src/simulator/server.js";
import { ROOT } from "../support/documents.js";
import { eventually } from "../support/eventually.js";
import { type GatewayProcess, startGateway } from "../support/processes/gateway-process.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");

let simulator: Simulator;
let gateway: GatewayProcess;
let profile: string;
let browser: BrowserContext;
beforeAll(async () => {
  simulator = await startSimulator();
  gateway = await startGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "passthrough",
    MODELARTS_PROJECT_ID: "demo-project",
    CACHE_HEAD_TTL_MS: "300",
    LOG_LEVEL: "warn",
  });
  profile = await mkdtemp(join(tmpdir(), "chromium-"));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env["CHROMIUM_BIN"] ?? "/usr/bin/chromium",
    viewport: { width: 1440, height: 900 },
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
    ],
  });
  browser.setDefaultTimeout(60_000);
  // A gateway of passthrough wants a token from everybody; the simulator takes any.
  await browser.addInitScript('sessionStorage.setItem("events-page-token", "any")');
});
afterAll(async () => {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
  await gateway.stop();
  await simulator.close();
});

/** Everything that a page must not do. */
let faults: string[] = [];
afterEach(async () => {
  for (const page of browser.pages().slice(1)) await page.close();
  simulator.faults.clear();
  expect(faults).toEqual([]);
  faults = [];
});

async function open(path: string): Promise<Page> {
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("requestfailed", (sent) => faults.push(`failed: ${sent.url()}`));
  page.on("response", (answer) => {
    if (answer.status() >= 400) faults.push(`${answer.status()}: ${answer.url()}`);
  });
  await page.goto(new URL(`events/${path}`, gateway.url).href);
  return page;
}

const rows = (page: Page) => page.locator(".row");
const messages = (page: Page) => page.locator(".row .message").allTextContents();

const scrollTo = (page: Page, top: number) =>
  page.evaluate(`document.querySelector(".rows").scrollTop = ${top}`);

let jobs = 0;
const START_MS = Date.UTC(2026, 0, 5);
function createJob(count: number): string {
  jobs += 1;
  const job = `page-${jobs}`;
  simulator.jobs.create(job, []);
  write(job, 0, count);
  return job;
}

function write(job: string, from: number, count: number): void {
  simulator.jobs.add(
    job,
    Array.from({ length: count }, (_, index) => {
      const at = from + index;
      const level = at % 10 === 0 ? "Error" : "Info";
      return { timeMs: START_MS + at * 1000, level, source: "Job", message: `step ${at} of ${job}` } as const;
    }),
  );
}

describe("the list", () => {
  test("is newest first, and scrolls back to the beginning with few rows in the page", async () => {
    const job = createJob(450);
    const page = await open(job);
    await rows(page).first().waitFor();
    expect((await messages(page)).slice(0, 3)).toEqual([449, 448, 447].map((at) => `step ${at} of ${job}`));
    const end = page.getByText("Beginning of the log");
    await eventually(async () => {
      await scrollTo(page, 1e9);
      return (await end.isVisible()) && (await messages(page)).includes(`step 0 of ${job}`);
    });
    expect(await rows(page).count()).toBeLessThan(100);
  });

  test("puts new events on top; while the reader is below, counts them in a pill and does not move the list", async () => {
    const job = createJob(300);
    const page = await open(job);
    await page.getByText("Live").waitFor();
    write(job, 300, 2);
    await page.getByText(`step 301 of ${job}`).waitFor();
    await scrollTo(page, 900);
    const row = page.getByText(`step 275 of ${job}`);
    const before = await row.boundingBox();
    write(job, 302, 12);
    const pill = page.getByRole("button", { name: "12 new" });
    await pill.waitFor();
    expect((await row.boundingBox())?.y).toBe(before?.y);
    await pill.click();
    await page.getByText(`step 313 of ${job}`).waitFor();
    expect(await pill.count()).toBe(0);
    expect((await messages(page))[0]).toBe(`step 313 of ${job}`);
  });

  test("pauses and resumes", async () => {
    const job = createJob(5);
    const page = await open(job);
    await page.getByText("Live").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    write(job, 5, 3);
    await page.getByRole("button", { name: "3 new" }).waitFor();
    expect((await messages(page))[0]).toBe(`step 4 of ${job}`);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText(`step 7 of ${job}`).waitFor();
  });

  test("shows errors, and continues by itself after a temporary failure", async () => {
    const missing = await open("no-such-job");
    await missing.getByRole("alert").getByText("ModelArts has no training job with this ID.").waitFor();
    const job = createJob(5);
    simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null, jobId: job });
    const page = await open(job);
    await page.getByRole("alert").getByText("The page tries again by itself").waitFor();
    simulator.faults.clear();
    await page.getByText(`step 4 of ${job}`).waitFor();
  });
});

describe("filters", () => {
  test("by chips with counts and by text with marked matches, all in the URL", async () => {
    const job = createJob(100);
    const page = await open(job);
    const chip = page.getByRole("button", { name: /^ERROR/ });
    await chip.getByText("10", { exact: true }).waitFor();
    await chip.click();
    await page.getByText("10 events").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("step 9");
    await page.getByText("1 events").waitFor();
    expect(await page.locator("mark").allTextContents()).toEqual(["step 9"]);
    expect(new URL(page.url()).searchParams.get("levels")).toBe("ERROR");
    await page.reload();
    await page.getByText("1 events").waitFor();
    expect(await page.getByRole("searchbox").inputValue()).toBe("step 9");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByText("100 events").waitFor();
  });

  test("by dragging over the histogram", async () => {
    const job = createJob(100);
    const page = await open(job);
    await rows(page).first().waitFor();
    const plot = await page.locator(".u-over").boundingBox();
    if (plot === null) throw new Error("There is no histogram.");
    await page.mouse.move(plot.x + plot.width * 0.25, plot.y + 10);
    await page.mouse.down();
    await page.mouse.move(plot.x + plot.width * 0.5, plot.y + 10, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/start=.*end=/);
    await eventually(async () => {
      const shown = await messages(page);
      return shown.length > 0 && !shown.includes(`step 99 of ${job}`);
    });
  });
});

test("a link opens one event in the whole log", async () => {
  const job = createJob(60);
  const page = await open(`${job}?levels=ERROR`);
  await page.getByText(`step 30 of ${job}`).waitFor();
  await page
    .locator(".row", { hasText: `step 30 of ${job}` })
    .getByRole("link")
    .click();
  const opened = page.locator(".row[aria-current]");
  await opened.getByText(`step 30 of ${job}`).waitFor();
  await page.getByText(`step 29 of ${job}`).waitFor();
  await page.getByRole("button", { name: "Show newer events" }).click();
  await page.getByText(`step 59 of ${job}`).waitFor();
});

test("a download has every event of the filter", async () => {
  const job = createJob(230);
  const page = await open(job);
  await rows(page).first().waitFor();
  for (const [format, lines] of [
    ["NDJSON", 230],
    ["CSV", 231],
  ] as const) {
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: format }).click();
    const text = await readFile(await (await saving).path(), "utf8");
    expect(text.trimEnd().split("\n")).toHaveLength(lines);
    expect(text).toContain(`step 229 of ${job}`);
  }
});

test("the keyboard moves through rows and errors", async () => {
  const job = createJob(35);
  const page = await open(job);
  await rows(page).first().waitFor();
  const active = page.locator(".row[aria-current] .message");
  await page.keyboard.press("ArrowDown");
  expect(await active.textContent()).toBe(`step 34 of ${job}`);
  await page.keyboard.press("e");
  expect(await active.textContent()).toBe(`step 30 of ${job}`);
  await page.keyboard.press("e");
  await page.keyboard.press("ArrowUp");
  expect(await active.textContent()).toBe(`step 21 of ${job}`);
});

test("Chinese changes the page and the messages, and UTC the times", async () => {
  const page = await open("chinese?lang=zh-cn&zone=utc");
  await page.getByText("作业事件").first().waitFor();
  await rows(page).first().waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
  const time = page.locator(".row time").first();
  const [, clock] = /T(\d\d:\d\d:\d\d)/.exec((await time.getAttribute("datetime")) ?? "") ?? [];
  expect(await time.textContent()).toContain(clock);
});

test.each([
  ["wide, light", 1440, "light"],
  ["wide, dark", 1440, "dark"],
  ["narrow, light", 390, "light"],
  ["narrow, dark", 390, "dark"],
] as const)("axe finds nothing serious: %s", async (_name, width, colorScheme) => {
  const job = createJob(80);
  const page = await open(job);
  await page.setViewportSize({ width, height: 800 });
  await page.emulateMedia({ colorScheme });
  await rows(page).first().waitFor();
  await page.evaluate(axe);
  const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
    "axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html }) => ({ html })) })))",
  );
  expect(found.filter(({ impact }) => ["serious", "critical"].includes(impact))).toEqual([]);
  const overflow = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  expect(overflow).toBe(0);
});

test("scripts and styles are at most 250 KiB, compressed", () => {
  const folder = join(ROOT, "dist/web/events/assets");
  const files = readdirSync(folder).filter((name) => /\.(js|css)$/.test(name));
  const bytes = files.map((name) => gzipSync(readFileSync(join(folder, name))).length);
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(250 * 1024);
});
