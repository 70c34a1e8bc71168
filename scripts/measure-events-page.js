// Measures the events page in Chromium on the built gateway: `npm run build`, then `node scripts/measure-events-page.js`.
// Prints the time to the first painted events, the calls to ModelArts of a first view, and the longest tasks while 50
// events a second arrive, and while one walks through 100,000 events.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { startSimulator } from "../dist/simulator/server.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OPENINGS = 10;
const LIVE_MS = 20_000;
const EVERY_MS = 100;
const EVENTS_EACH = 5;
const LONG = Number(process.env.EVENTS ?? 100_000);
const START_MS = Date.UTC(2026, 0, 5);

const simulator = await startSimulator();
const gateway = spawn(process.execPath, ["dist/main.js"], {
  cwd: ROOT,
  env: {
    PATH: process.env.PATH,
    PORT: "0",
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    LOG_LEVEL: "warn",
  },
  stdio: ["ignore", "pipe", "inherit"],
});
const origin = await new Promise((resolve) => {
  let written = "";
  gateway.stdout.on("data", (bytes) => {
    written += bytes;
    const [, url] = /^ready: (.+)$/m.exec(written) ?? [];
    if (url !== undefined) resolve(new URL(url).origin);
  });
});
const profile = await mkdtemp(join(tmpdir(), "chromium-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM_BIN ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
context.setDefaultTimeout(600_000);
await context.addInitScript(`
  const look = () => {
    if (document.querySelector(".row") === null) requestAnimationFrame(look);
    else requestAnimationFrame(() => setTimeout(() => { window.firstEventsMs = performance.now(); }));
  };
  addEventListener("DOMContentLoaded", look);
`);

/** Opens a job and waits for its first events. */
async function open(job, width = 1440) {
  const page = await context.newPage();
  await page.setViewportSize({ width, height: 900 });
  await page.goto(`${origin}/events/${job}`);
  while (!(await page.evaluate("window.firstEventsMs !== undefined"))) await wait(20);
  return page;
}

/**
 * The longest tasks of the page's main thread while `run` runs. On a busy machine a task also waits for other processes,
 * so its own time on a processor is measured, too.
 */
async function tasksDuring(page, run) {
  const session = await context.newCDPSession(page);
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.start", {
    transferMode: "ReturnAsStream",
    traceConfig: { recordMode: "recordAsMuchAsPossible", includedCategories: ["toplevel"] },
  });
  await run();
  await session.send("Tracing.end");
  const { stream } = await complete;
  let trace = "";
  for (let isEnd = false; !isEnd;) {
    const { data, eof } = await session.send("IO.read", { handle: stream, size: 10_000_000 });
    trace += data;
    isEnd = eof;
  }
  await session.detach();
  const { traceEvents } = JSON.parse(trace);
  const threadOf = ({ pid, tid }) => `${pid}:${tid}`;
  const isMain = ({ name, args }) => name === "thread_name" && args.name === "CrRendererMain";
  const threads = new Set(traceEvents.filter(isMain).map(threadOf));
  const tasks = traceEvents.filter((event) => event.name.endsWith("RunTask") && threads.has(threadOf(event)));
  const longest = (times) => Math.round(times.reduce((a, b) => Math.max(a, b), 0) / 1000);
  const ownMs = longest(tasks.map(({ tdur = 0 }) => tdur));
  return `longest task ${ownMs} ms of processor, ${longest(tasks.map(({ dur = 0 }) => dur))} ms in all`;
}

async function measureFirstEvents() {
  const times = [];
  for (let index = 0; index <= OPENINGS; index += 1) {
    const page = await open("events-1000");
    // The first one warms the gateway and the browser.
    if (index > 0) times.push(await page.evaluate("window.firstEventsMs"));
    await page.close();
  }
  times.sort((a, b) => a - b);
  const [median, most] = [times[OPENINGS / 2], times.at(-1)].map((ms) => ms.toFixed(0));
  console.log(`first events after opening: median ${median} ms, most ${most} ms`);
}

/** A log of which every `errorEvery`th event is an error, and as many are warnings. */
function createLong(job, errorEvery) {
  const levels = { 0: "Error", 1: "Warning" };
  simulator.jobs.create(
    job,
    Array.from({ length: LONG }, (_, at) => ({
      timeMs: START_MS + at * 1000,
      level: levels[at % errorEvery] ?? "Info",
      source: "Task",
      message: `step ${at} of the job`,
    })),
  );
}

async function measureCalls(name, job, width) {
  const before = simulator.calls.total;
  const page = await open(job, width);
  await page.locator(".u-over").waitFor();
  console.log(`${name}: ${simulator.calls.total - before} calls to ModelArts`);
  await page.close();
}

async function measureLive() {
  simulator.jobs.create("measured", []);
  let at = 0;
  const write = () => {
    const events = Array.from({ length: EVENTS_EACH }, () => {
      at += 1;
      return {
        timeMs: Date.now(),
        level: at % 10 === 0 ? "Error" : "Info",
        source: "Task",
        message: `step ${at} of the job`,
      };
    });
    simulator.jobs.add("measured", events);
  };
  write();
  const page = await open("measured");
  const before = at;
  const tasks = await tasksDuring(page, async () => {
    for (const endMs = Date.now() + LIVE_MS; Date.now() < endMs; await wait(EVERY_MS)) write();
  });
  const rate = ((at - before) / (LIVE_MS / 1000)).toFixed(0);
  console.log(`${rate} events a second for ${LIVE_MS / 1000} s: ${tasks}`);
  await page.close();
}

/** Runs in the page: 300 places in the list, one for each frame. */
const DRAG = `(async () => {
  const list = document.querySelector(".rows");
  for (let frame = 0; frame < 300; frame += 1) {
    list.scrollTop = list.scrollHeight * Math.abs(Math.sin(frame / 40));
    await new Promise(requestAnimationFrame);
  }
})()`;

async function measureWalk(job) {
  const page = await open(job);
  await page.locator(".rows").focus();
  const foot = page.locator(".foot");
  const walks = {
    "End, until the oldest event is loaded": async () => {
      while (!(await foot.textContent()).startsWith("Beginning")) {
        await page.keyboard.press("End");
        await wait(20);
      }
    },
    "Home and End, 20 times": async () => {
      for (let times = 0; times < 20; times += 1) {
        await page.keyboard.press(times % 2 === 0 ? "Home" : "End");
        await wait(100);
      }
    },
    "dragging the scroll bar": () => page.evaluate(DRAG),
    "download of all events": async () => {
      const saving = page.waitForEvent("download");
      await page.getByText("Download").click();
      await page.getByRole("button", { name: "NDJSON" }).click();
      await saving;
    },
  };
  for (const [name, walk] of Object.entries(walks)) {
    const startedMs = Date.now();
    const tasks = await tasksDuring(page, walk);
    console.log(`${LONG} events, ${name}: ${tasks}; ${((Date.now() - startedMs) / 1000).toFixed(0)} s`);
  }
  await page.close();
}

await measureFirstEvents();
createLong("few-errors", LONG / 50);
createLong("wide", 10);
createLong("narrow", 10);
await measureCalls("first view, 1440 pixels, 50 errors and 50 warnings", "few-errors", 1440);
await measureCalls("first view, 1440 pixels, every tenth an error", "wide", 1440);
await measureCalls("first view, 390 pixels, every tenth an error", "narrow", 390);
await measureLive();
await measureWalk("wide");

await context.close();
await rm(profile, { recursive: true, force: true });
gateway.kill("SIGKILL");
await simulator.close();
