/** Kills one of two gateways with subscribers: when they have resumed at the other one, and what that costs upstream. */
import { startContender } from "../lib/contenders.js";
import { startResumers } from "../lib/live-load.js";
import { cpuNs } from "../lib/server.js";
import { quantile } from "../lib/statistics.js";

/** Subscribers of each gateway, their callers, and the logs. Each caller follows one log. */
const SUBSCRIBERS = 1_000;
const CALLERS = 100;
const LOGS = 10;
const CLIENTS = ["client package", "graphql-ws"];
/** An event is written to each log at this interval. */
const WRITE_EVERY_MS = 500;
/** The upstream calls are counted for so long before and after the kill. */
const COUNTED_S = 10;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Writes numbered events to all logs until it is stopped. @returns a function that stops it and resolves with the last number */
function startWriter(simulator, ids) {
  let number = 0;
  let isOpen = true;
  const done = (async () => {
    while (isOpen) {
      number += 1;
      await Promise.all(ids.map((id) => simulator.writeEvents(id, [String(number)])));
      await pause(WRITE_EVERY_MS);
    }
  })();
  return async () => {
    isOpen = false;
    await done;
    return number;
  };
}

/** Upstream calls in each of the next seconds, and the CPU time of the remaining gateway. */
async function countSeconds(simulator, { pid }) {
  const seconds = [];
  const startedNs = cpuNs(pid);
  let known = await simulator.calls();
  for (let second = 0; second < COUNTED_S; second += 1) {
    await pause(1_000);
    const total = await simulator.calls();
    seconds.push(total - known);
    known = total;
  }
  return {
    cpuMs: (cpuNs(pid) - startedNs) / 1e6,
    meanPerS: seconds.reduce((sum, calls) => sum + calls, 0) / COUNTED_S,
    mostInS: Math.max(...seconds),
  };
}

function timesOf(subscribers, killedAtMs) {
  const waits = subscribers.map(({ resumedAtMs }) => resumedAtMs - killedAtMs);
  return { p50Ms: quantile(waits, 0.5), maxMs: Math.max(...waits) };
}

/** @returns null without Redis, which the two gateways share */
export async function measureResume({ simulator, redisUrl, say }) {
  if (redisUrl === null) return null;
  const ids = Array.from({ length: LOGS }, (_, log) => `resume-${log}`);
  for (const id of ids) await simulator.createJob(id, 0);
  const env = {
    REDIS_URL: redisUrl,
    MODELARTS_AUTH: "passthrough",
    LIVE_CONNECTIONS_MAX: String(3 * SUBSCRIBERS),
  };
  const killed = await startContender("product", simulator.url, env);
  const other = await startContender("product", simulator.url, env);
  const clients = startResumers();
  const stopWriter = startWriter(simulator, ids);
  try {
    const specsAt = (urls) =>
      Array.from({ length: SUBSCRIBERS }, (_, at) => {
        const caller = at % CALLERS;
        const client = CLIENTS[Math.floor(at / CALLERS) % CLIENTS.length];
        return { urls, client, id: ids[caller % LOGS], token: `token-of-caller-${caller}` };
      });
    await clients.open({ specs: specsAt([killed.url, other.url]) });
    await clients.open({ specs: specsAt([other.url, killed.url]) });
    say(`resume: ${2 * SUBSCRIBERS} subscribers are open`);
    await pause(3_000);
    const before = await countSeconds(simulator, other);
    const killedAtMs = Date.now();
    await killed.stop("SIGKILL");
    const after = await countSeconds(simulator, other);
    const last = await stopWriter();
    await clients.until({ last });
    const all = await clients.report();
    const moved = all.slice(0, SUBSCRIBERS);
    const sum = (key) => all.reduce((total, subscriber) => total + subscriber[key], 0);
    const byClient = Object.fromEntries(
      CLIENTS.map((name) => [
        name,
        timesOf(
          moved.filter(({ client }) => client === name),
          killedAtMs,
        ),
      ]),
    );
    return {
      ...timesOf(moved, killedAtMs),
      byClient,
      lost: sum("lost"),
      repeated: sum("repeated"),
      before,
      after,
    };
  } finally {
    await stopWriter();
    clients.stop();
    await other.stop();
    await killed.stop();
  }
}
