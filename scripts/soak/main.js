// npm run soak -- --minutes 30: two gateways behind a balancer take requests and live streams and are restarted one
// after the other in the first half; in the second half, memory, handles and keys of Redis must not grow.
// Prints a table; exit code 1 if a request failed, an event was lost or repeated, or something grew.
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startBalancer } from "./balancer.js";
import { startGateway, startRedis, startSimulator } from "./children.js";
import { startFollowers } from "./followers.js";
import { printReport } from "./report.js";
import { startRequests } from "./requests.js";
import { startSamples } from "./samples.js";
import { createJobs } from "./writer.js";

const { values: options } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    rate: { type: "string", default: "200" },
    streams: { type: "string", default: "200" },
    jobs: { type: "string", default: "20" },
    /** The pause between two restarts, after the new process is ready. */
    pauseSeconds: { type: "string", default: "5" },
    /** How long a gateway accepts connections after SIGTERM: longer than the idle time of a keep-alive connection. */
    delaySeconds: { type: "string", default: "5" },
    /** SIGKILL tests that the soak detects lost requests. */
    signal: { type: "string", default: "SIGTERM" },
  },
});
const number = (name) => {
  const value = Number(options[name]);
  if (!(value > 0)) throw new Error(`--${name} is not a number above 0.`);
  return value;
};
const durationMs = number("minutes") * 60_000;
const delayMs = number("delaySeconds") * 1000;
const graceMs = delayMs + 10_000;
const CATCH_UP_TRIES = 600;
const SAMPLE_EVERY_MS = Math.min(5_000, durationMs / 60);

const [redis, simulator, balancer] = await Promise.all([startRedis(), startSimulator(), startBalancer()]);
const writer = await createJobs(simulator.url, number("jobs"));
const env = {
  MODELARTS_ENDPOINT: simulator.url,
  MODELARTS_AUTH: "none",
  MODELARTS_PROJECT_ID: writer.project,
  REDIS_URL: redis.url,
  SHUTDOWN_DELAY_MS: `${delayMs}`,
  SHUTDOWN_GRACE_MS: `${graceMs}`,
  // All clients have one address.
  LIVE_CONNECTIONS_PER_CALLER_MAX: "100000",
  // Small, so that a short soak fills it.
  CACHE_MEMORY_MAX_BYTES: `${8 << 20}`,
  CACHE_SETTLED_TTL_MS: "10000",
};
const originOf = ({ url }) => new URL(url).origin;

async function addGateway() {
  const gateway = await startGateway(env);
  await balancer.add(originOf(gateway));
  return gateway;
}

/** Restarts one gateway after the other until the time is over. @returns the result of each stop */
async function restartUntil(gateways, endMs) {
  const endings = [];
  for (let turn = 0; performance.now() < endMs; turn += 1) {
    const index = turn % gateways.length;
    const old = gateways[index];
    const ending = await old.stop(options.signal);
    balancer.remove(originOf(old));
    endings.push(ending);
    gateways[index] = await addGateway();
    await wait(number("pauseSeconds") * 1000);
  }
  return endings;
}

const gateways = await Promise.all([addGateway(), addGateway()]);
const followers = startFollowers(balancer.url, writer.jobs, number("streams"));
/** Waits until each stream has got all events, for a limited time. */
async function caughtUp() {
  for (let tries = 0; tries < CATCH_UP_TRIES && !followers.isCaughtUp(); tries += 1) await wait(50);
}
await caughtUp();

const stopWriting = writer.start();
const stopRequests = startRequests(balancer.url, writer.jobs, number("rate"));

const startMs = performance.now();
const endings = await restartUntil(gateways, startMs + durationMs / 2);
const samples = startSamples(redis.url);
while (performance.now() < startMs + durationMs) {
  await samples.take(gateways.map(originOf));
  await wait(SAMPLE_EVERY_MS);
}
const growth = samples.stop();
const requests = await stopRequests();
await stopWriting();
await caughtUp();
const streams = await followers.stop();
endings.push(...(await Promise.all(gateways.map((gateway) => gateway.stop()))));
await balancer.stop();
await Promise.all([simulator.stop(), redis.stop()]);

const isGood = printReport({ requests, streams, endings, growth, graceMs, durationMs });
// Sockets that clients are still closing are not counted.
process.exit(isGood ? 0 : 1);
