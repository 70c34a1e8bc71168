// Walks over the pages of jobs that stand still, grow, burst, are trimmed, fail, get late events or are read through
// lagging replicas, through two gateways that share a Redis. A model of each log judges every page and every walk.
// `npm run check:walks -- --walks 100000 --seed 7`
import { clearInterval, setInterval } from "node:timers";
import process from "node:process";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { startGateway, startRedis } from "../soak/children.js";
import { ModelLog } from "./model.js";
import { randomFrom } from "./random.js";
import { startUpstream } from "./upstream.js";
import { askPage, walk } from "./walk.js";

const { values } = parseArgs({
  options: {
    walks: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    kind: { type: "string" },
    parallel: { type: "string", default: "8" },
  },
});
const WALKS = Number(values.walks);
const HEAD_TTL_MS = 100;
/** How far the clocks of processes and the order of events in this process can be off. */
const SKEW_MS = 250;
const LAG_MS = 60;
const TICK_MS = 20;
/** A job is replaced by a new one after so many walks, so that cold reads occur and logs stay short. */
const WALKS_OF_A_JOB = 40;
const SHOWN_MAX = 20;

/** The changes of a log at each tick, and the faults of its calls. */
const KINDS = {
  standing: {},
  growing: { tick: (log, random) => log.append(random.whole(0, 1)) },
  bursting: { tick: (log, random) => random.chance(0.05) && log.append(random.whole(20, 150)) },
  trimming: {
    mayExpire: true,
    tick: (log, random) => {
      if (!random.chance(0.2)) return;
      const count = random.whole(1, 5);
      log.append(random.chance(0.5) ? count : random.whole(0, 5));
      log.trim(count);
    },
  },
  late: { tick: (log, random) => random.chance(0.15) && log.appendLate() },
  failing: {
    fault: (random) => (random.chance(0.1) ? { fault: random.oneOf([500, 503, "reset", "garbage"]) } : {}),
    tick: (log, random) => log.append(random.whole(0, 1)),
  },
  lagging: { lagMs: LAG_MS, tick: (log, random) => log.append(random.whole(0, 1)) },
};

const random = randomFrom(Number(values.seed));
const logs = new Map();
const kinds = values.kind === undefined ? Object.keys(KINDS) : [values.kind];
const upstream = await startUpstream(logs, (log) => KINDS[log.kind].fault?.(random) ?? {});
const redis = await startRedis();
const settings = {
  MODELARTS_ENDPOINT: upstream.url,
  MODELARTS_AUTH: "none",
  MODELARTS_PROJECT_ID: "project",
  REDIS_URL: redis.url,
  CACHE_HEAD_TTL_MS: String(HEAD_TTL_MS),
  CACHE_STALE_WAIT_MS: "3600000",
  MODELARTS_OFFSET: "row",
  LOG_LEVEL: "fatal",
};
const gateways = await Promise.all([startGateway(settings), startGateway(settings)]);
const urls = gateways.map(({ url }) => url);

let jobs = 0;
function newLog(kind) {
  const log = new ModelLog(`${kind}-${(jobs += 1)}`, random);
  log.append(random.oneOf([0, 1, 60, 99, 100, 101, 150, 199, 300, 450]));
  Object.assign(log, { kind, lagMs: KINDS[kind].lagMs ?? 0, walks: 0 });
  logs.set(log.id, log);
  return log;
}
const current = new Map(kinds.map((kind) => [kind, newLog(kind)]));
const ticking = setInterval(() => {
  for (const [kind, log] of current) KINDS[kind].tick?.(log, random);
}, TICK_MS);

const startedAt = performance.now();
const wrong = [];
const walked = Object.fromEntries(kinds.map((kind) => [kind, 0]));
let begun = 0;
async function walkOn() {
  while (begun < WALKS) {
    const kind = kinds[begun++ % kinds.length];
    if (current.get(kind).walks++ >= WALKS_OF_A_JOB) current.set(kind, newLog(kind));
    const log = current.get(kind);
    const staleMs = HEAD_TTL_MS + SKEW_MS + log.lagMs;
    // Pages of several levels of a log that is trimmed all the time can fail with a temporary error.
    const mayFail = ({ extensions }) =>
      (kind === "failing" && extensions?.code?.startsWith("UPSTREAM_")) ||
      (kind === "trimming" && extensions?.code === "UPSTREAM_UNAVAILABLE");
    const found = await walk({
      log,
      ask: (variables) => askPage(random.oneOf(urls), variables),
      random,
      staleMs,
      skewMs: SKEW_MS,
      mayFail,
      mayExpire: KINDS[kind].mayExpire === true,
    });
    walked[kind] += 1;
    if (found !== null) wrong.push(found);
  }
}
await Promise.all(Array.from({ length: Number(values.parallel) }, walkOn));
clearInterval(ticking);
const seconds = (performance.now() - startedAt) / 1000;
for (const line of wrong.slice(0, SHOWN_MAX)) console.log(`WRONG ${line}`);
console.log(
  `walks: ${Object.entries(walked)
    .map((pair) => pair.join(" "))
    .join(", ")}`,
);
console.log(
  `${wrong.length} wrong of ${WALKS} walks in ${seconds.toFixed(1)} s, ${upstream.calls} upstream calls`,
);
await Promise.all(gateways.map((gateway) => gateway.stop("SIGKILL")));
await redis.stop();
upstream.close();
process.exitCode = wrong.length === 0 ? 0 : 1;
