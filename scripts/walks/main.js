// Walks over the pages of jobs that stand still, grow, burst, are trimmed, roll at their cap, are deleted and created
// again, fail, get late events or are read through lagging replicas, through two gateways that share a Redis. Pages
// around a place and counts are read between the walks. A model of each log judges every page and every walk.
// `npm run check:walks -- --walks 100000 --seed 7`
import { clearInterval, setInterval } from "node:timers";
import process from "node:process";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { startGateway, startRedis } from "../soak/children.js";
import { KINDS, mayFail } from "./kinds.js";
import { ModelLog } from "./model.js";
import { checkAround, checkCounts } from "./pages.js";
import { randomFrom } from "./random.js";
import { startUpstream } from "./upstream.js";
import { askPage, walk } from "./walk.js";

const { values } = parseArgs({
  options: {
    walks: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    kind: { type: "string", multiple: true, default: Object.keys(KINDS) },
    parallel: { type: "string", default: "8" },
  },
});
const WALKS = Number(values.walks);
const HEAD_TTL_MS = 100;
/** How far the clocks of processes and the order of events in this process can be off. */
const SKEW_MS = 250;
const TICK_MS = 20;
/** How often a walk is followed by a page around a place, and by counts. */
const PAGE_CHANCE = 0.1;
/** How often a call waits before its log is read, and how often after that, and how long at most: so calls overlap. */
const SLOW_CHANCE = 0.3;
const SLOW_MAX_MS = 25;
/** A job is replaced by a new one after so many walks, so that cold reads occur and logs stay short. */
const WALKS_OF_A_JOB = 40;
const SHOWN_MAX = 20;

const random = randomFrom(Number(values.seed));
const logs = new Map();
const kinds = values.kind;
const slowMs = () => (random.chance(SLOW_CHANCE) ? random.whole(1, SLOW_MAX_MS) : 0);
const upstream = await startUpstream(logs, (log) => ({
  ...KINDS[log.kind].fault?.(random),
  delayMs: slowMs(),
  answerDelayMs: slowMs(),
}));
const redis = await startRedis();
const settings = {
  MODELARTS_ENDPOINT: upstream.url,
  MODELARTS_AUTH: "none",
  MODELARTS_PROJECT_ID: "project",
  REDIS_URL: redis.url,
  CACHE_HEAD_TTL_MS: String(HEAD_TTL_MS),
  CACHE_STALE_WAIT_MS: "3600000",
  MODELARTS_OFFSET: "row",
  // On a busy machine, a request could otherwise meet a socket that the gateway closes.
  KEEP_ALIVE_TIMEOUT_MS: "600000",
  LOG_LEVEL: "fatal",
};
const gateways = await Promise.all([startGateway(settings), startGateway(settings)]);
const urls = gateways.map(({ url }) => url);

let jobs = 0;
function newLog(kind) {
  const log = new ModelLog(`${kind}-${(jobs += 1)}`, random);
  log.append(random.oneOf([0, 1, 60, 99, 100, 101, 150, 199, 300, 450]));
  const { lagMs = 0 } = KINDS[kind];
  // Each replica has the first events. Otherwise a replica could show an empty log, like that of a job that was created
  // again.
  for (const event of log.all) event.bornAt -= lagMs;
  Object.assign(log, { kind, lagMs, walks: 0 });
  logs.set(log.id, log);
  return log;
}
const current = new Map(kinds.map((kind) => [kind, newLog(kind)]));
const ticking = setInterval(() => {
  for (const [kind, log] of current) KINDS[kind].tick?.(log, random);
}, TICK_MS);

const startedAt = performance.now();
let wrong = 0;
const walked = Object.fromEntries(kinds.map((kind) => [kind, 0]));
let begun = 0;
async function walkOn() {
  while (begun < WALKS) {
    const kind = kinds[begun++ % kinds.length];
    if (current.get(kind).walks++ >= WALKS_OF_A_JOB) current.set(kind, newLog(kind));
    const log = current.get(kind);
    const staleMs = HEAD_TTL_MS + SKEW_MS + log.lagMs;
    const { mayExpire = false, isRecreated = false } = KINDS[kind];
    const options = {
      log,
      ask: (variables, query) => askPage(random.oneOf(urls), variables, query),
      random,
      staleMs,
      skewMs: SKEW_MS,
      mayFail: (error) => mayFail(KINDS[kind], error),
      mayExpire,
      isRecreated,
    };
    const found = [await walk(options)];
    if (random.chance(PAGE_CHANCE)) found.push(await checkAround(options));
    if (random.chance(PAGE_CHANCE)) found.push(await checkCounts(options));
    walked[kind] += 1;
    for (const reason of found) {
      if (reason === null) continue;
      wrong += 1;
      if (wrong <= SHOWN_MAX) console.log(`WRONG ${reason}`);
    }
  }
}
await Promise.all(Array.from({ length: Number(values.parallel) }, walkOn));
clearInterval(ticking);
const seconds = (performance.now() - startedAt) / 1000;
console.log(
  `walks: ${Object.entries(walked)
    .map((pair) => pair.join(" "))
    .join(", ")}`,
);
console.log(`${wrong} wrong of ${WALKS} walks in ${seconds.toFixed(1)} s, ${upstream.calls} upstream calls`);
await Promise.all(gateways.map((gateway) => gateway.stop("SIGKILL")));
await redis.stop();
upstream.close();
process.exitCode = wrong === 0 ? 0 : 1;
