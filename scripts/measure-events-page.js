// Measures the events page in Chromium on the built gateway: `npm run build`, then `node scripts/measure-events-page.js`.
// Prints the time to the first painted events, and the longest tasks while 50 events a second arrive.
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
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM_BIN ?? "/usr/bin/chromium",
  viewport: { width: 1440, height: 900 },
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
await browser.addInitScript(`
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longTasks.push(duration);
  }).observe({ type: "longtask", buffered: true });
  const look = () => {
    if (document.querySelector(".row") === null) requestAnimationFrame(look);
    else requestAnimationFrame(() => setTimeout(() => { window.firstEventsMs = performance.now(); }));
  };
  addEventListener("DOMContentLoaded", look);
`);

const painted = async (page) => {
  while ((await page.evaluate("window.firstEventsMs ?? null")) === null) await wait(50);
};
const firstEvents = [];
for (let index = 0; index <= OPENINGS; index += 1) {
  const page = await browser.newPage();
  await page.goto(`${origin}/events/events-1000`);
  await painted(page);
  // The first one warms the gateway and the browser.
  if (index > 0) firstEvents.push(await page.evaluate("window.firstEventsMs"));
  await page.close();
}
firstEvents.sort((a, b) => a - b);
console.log(
  `first events after opening: median ${firstEvents[OPENINGS / 2].toFixed(0)} ms, most ${firstEvents.at(-1).toFixed(0)} ms`,
);

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
const page = await browser.newPage();
await page.goto(`${origin}/events/measured`);
await painted(page);
await page.evaluate("window.longTasks.length = 0");
const before = at;
for (const endMs = Date.now() + LIVE_MS; Date.now() < endMs; await wait(EVERY_MS)) write();
const tasks = await page.evaluate("window.longTasks");
const rate = ((at - before) / (LIVE_MS / 1000)).toFixed(0);
console.log(
  `${rate} events a second for ${LIVE_MS / 1000} s: ${tasks.length} tasks over 50 ms, longest ${Math.max(0, ...tasks).toFixed(0)} ms`,
);

await browser.close();
await rm(profile, { recursive: true, force: true });
gateway.kill("SIGKILL");
await simulator.close();
