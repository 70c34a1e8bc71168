/** Subscribers of one log: CPU and delay of a batch, and memory of each subscriber. */
import { fileURLToPath } from "node:url";
import { startContender } from "../lib/contenders.js";
import { startSubscribers } from "../lib/live-load.js";
import { cpuNs } from "../lib/server.js";

const PROBE = fileURLToPath(new URL("../lib/memory-probe.js", import.meta.url));
const NODE_ARGS = ["--expose-gc", "--import", PROBE];

/** Events of a batch, and of one that is read at the default pace, every 2 s. Two events are written each second. */
const EVENTS = 2;
const EVENTS_OF_2S = 4;
const QUERY = `subscription ($id: ID!) {
  trainingJobEvents(id: $id) {
    asOf caughtUp endCursor
    edges { cursor node { time level source message } }
  }
}`;

const LIMITS = { LIVE_CONNECTIONS_MAX: "20000", LIVE_CONNECTIONS_PER_CALLER_MAX: "20000" };
/** Logs are read every 500 ms, also by the other contenders. */
const PACE = { CACHE_HEAD_TTL_MS: "500", LIVE_QUIET_INTERVAL_MS: "500", ...LIMITS };

/** The row with the gateway's default lifetimes. It is measured only for the largest number of subscribers. */
const DEFAULT_PACE = "product, every 2 s";

/** By the name of the row: the contender and the transport of its clients. `greets`: it sends a first result at once. */
const MEASURED = {
  "LIMIT-live": { contender: "LIMIT-live", transport: "ws", path: "" },
  product: { contender: "product", transport: "ws", path: "", greets: true },
  [DEFAULT_PACE]: { contender: "product", transport: "ws", path: "", greets: true, isDefaultPace: true },
  "product, SSE": { contender: "product", transport: "sse", path: "/stream", greets: true },
  "Apollo-live": { contender: "Apollo-live", transport: "ws", path: "" },
  "mercurius-live": { contender: "mercurius-live", transport: "ws", path: "" },
  "Yoga-live, SSE": { contender: "Yoga-live", transport: "sse", path: "" },
};

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(
  simulator,
  { contender, transport, path, greets, isDefaultPace = false },
  { subscribers, logs, rounds, warmRounds },
) {
  const events = isDefaultPace ? EVENTS_OF_2S : EVENTS;
  const ids = Array.from(
    { length: logs },
    (_, log) => `live-${contender}-${transport}-${subscribers}-${events}-${log}`,
  );
  for (const id of ids) await simulator.createJob(id, 150);
  const server = await startContender(contender, simulator.url, isDefaultPace ? LIMITS : PACE, NODE_ARGS);
  const clients = startSubscribers();
  try {
    const url = server.url + path;
    const specs = Array.from({ length: subscribers }, (_, at) => {
      return { url, transport, greets, body: { query: QUERY, variables: { id: ids[at % logs] } } };
    });
    // The first subscriber loads the code that all of them use.
    await clients.open({ specs: specs.slice(0, 1) });
    await pause(1_000);
    const before = await server.memory();
    await clients.open({ specs: specs.slice(1) });
    await pause(1_500);
    const idle = await server.memory();
    const run = async (count) => {
      await clients.reset();
      for (let round = 1; round <= count; round += 1) {
        await Promise.all(ids.map((id) => simulator.addEvents(id, events)));
        await clients.until({ events: round * events });
      }
    };
    await run(warmRounds);
    await simulator.resetCalls();
    const startedNs = cpuNs(server.pid);
    const startedMs = Date.now();
    await run(rounds);
    const tookMs = Date.now() - startedMs;
    const usedNs = cpuNs(server.pid) - startedNs;
    const calls = await simulator.calls();
    const { p50Ms, p99Ms, most } = await clients.delays();
    if (most !== rounds * events) throw new Error(`${contender}: a subscriber got ${most} events.`);
    const flowing = await server.memory();
    const kib = (after) => ((after - before.heldMb) * 1e6) / 1024 / (subscribers - 1);
    return {
      cpuUs: usedNs / 1000 / rounds / subscribers,
      cores: usedNs / 1e6 / tookMs,
      idleKib: kib(idle.heldMb),
      flowingKib: kib(flowing.heldMb),
      idleRssKib: ((idle.rssMb - before.rssMb) * 1e6) / 1024 / (subscribers - 1),
      p50Ms,
      p99Ms,
      callsPerS: (calls * 1000) / tookMs,
    };
  } finally {
    clients.stop();
    await server.stop();
    for (const id of ids) await simulator.deleteJob(id);
  }
}

/** Peers are measured up to this number of subscribers. */
const PEERS_MAX = 1_000;
const WITHOUT_PEERS = ["LIMIT-live", "product", DEFAULT_PACE, "product, SSE"];

/** @param subscribers the largest number of subscribers; `logs`: the number of their logs. Others follow one log */
export async function measureLive({ simulator, quick, say, subscribers, logs }) {
  const sizes = quick
    ? [100]
    : [...new Set([100, 300, 1_000, subscribers])].filter((size) => size <= subscribers);
  const bySize = {};
  for (const size of sizes) {
    const all =
      size > PEERS_MAX ? WITHOUT_PEERS : Object.keys(MEASURED).filter((name) => name !== DEFAULT_PACE);
    const names = quick ? ["product", "Apollo-live"] : all;
    bySize[size] = {};
    for (const name of names) {
      const load = {
        subscribers: size,
        logs: size === subscribers ? logs : 1,
        rounds: quick ? 3 : 10,
        warmRounds: quick ? 2 : 5,
      };
      bySize[size][name] = await measure(simulator, MEASURED[name], load);
      say(`live, ${size} subscribers, ${name}: ${bySize[size][name].cpuUs.toFixed(1)} us`);
    }
  }
  return { bySize };
}
