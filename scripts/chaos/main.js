// Chaos: the upstream fails in each way, Redis is killed, paused or slow, and gateways are killed and started anew,
// while jobs are written, trimmed, get late events, or are created again. A model of each log judges every answer: a
// right page, a page that is marked as stale and right for the time of its `asOf`, or an error that is allowed.
// `npm run chaos -- --minutes 30 --seed 7`
import { clearInterval, setInterval } from "node:timers";
import { setTimeout as wait } from "node:timers/promises";
import process from "node:process";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { randomFrom } from "../walks/random.js";
import { startUpstream } from "../walks/upstream.js";
import { walk } from "../walks/walk.js";
import { answersOf, mayFail } from "./answers.js";
import { startFollowers } from "./followers.js";
import { currentLogs, KIND_NAMES } from "./logs.js";
import { checkAround } from "./around-checks.js";
import { steps } from "./schedule.js";
import { startGateways, startSharedRedis } from "./surroundings.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    parallel: { type: "string", default: "8" },
  },
});
const HEAD_TTL_MS = 100;
const STALE_MS = 20_000;
const SETTLED_TTL_MS = 60_000;
/** How far the clocks of processes and the order of events in this process can be off on a busy machine. */
const SKEW_MS = 500;
const TICK_MS = 20;
const RETRY_PAUSE_MS = 30;
const SLOW_MS = 300;
const RECOVERED_WITHIN_MS = 90_000;
const SHOWN_MAX = 20;
/** The share of pages around a place among all checks. */
const AROUND_SHARE = 0.3;

const random = randomFrom(Number(values.seed));
const logs = new Map();
const { logOf, next, tick } = currentLogs(logs, random);
const injected = {};
const count = (what) => {
  injected[what] = (injected[what] ?? 0) + 1;
};

let step = null;
const upstream = await startUpstream(logs, ({ kind }) => {
  if (step === null || !step.logs[KIND_NAMES.indexOf(kind)] || !random.chance(step.share)) return {};
  count(`upstream ${step.fault}`);
  return step.fault === "slow" ? { delayMs: SLOW_MS } : { fault: step.fault };
});
const redis = await startSharedRedis();
const gateways = await startGateways(
  {
    MODELARTS_ENDPOINT: upstream.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "project",
    REDIS_URL: redis.url,
    CACHE_HEAD_TTL_MS: `${HEAD_TTL_MS}`,
    CACHE_SETTLED_TTL_MS: `${SETTLED_TTL_MS}`,
    CACHE_STALE_MS: `${STALE_MS}`,
    CACHE_STALE_WAIT_MS: "200",
    UPSTREAM_TIMEOUT_MS: "1000",
    UPSTREAM_RETRIES: "1",
    REQUEST_TIMEOUT_MS: "5000",
    MODELARTS_OFFSET: "row",
    // On a busy machine, a request could otherwise meet a socket that the gateway closes.
    KEEP_ALIVE_TIMEOUT_MS: "600000",
    LOG_LEVEL: "fatal",
  },
  2,
);
const { counts, ask, askSlot } = answersOf(gateways.slots, random);

let violations = 0;
const startedAt = performance.now();
const elapsed = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
const checks = { walks: 0, aroundChecks: 0 };
let isOver = false;
const onWrong = (text) => {
  violations += 1;
  if (violations <= SHOWN_MAX) console.log(`WRONG ${elapsed()} ${text}`);
};

const followers = startFollowers({
  kinds: KIND_NAMES,
  logOf,
  slots: gateways.slots,
  random,
  skewMs: SKEW_MS,
  mayFail,
  onWrong,
  completeWithinMs: RECOVERED_WITHIN_MS,
});

/** One walk, or one page around a place; each fault that it finds is a violation. */
async function check(kind, type, askFor, mayGoOn) {
  const rules = next(kind);
  const staleMs = HEAD_TTL_MS + SKEW_MS;
  const ages = { staleMs, staleMaxMs: STALE_MS, skewMs: SKEW_MS };
  const options = { ...rules, ...ages, ask: askFor, random };
  const run = type === "aroundChecks" ? checkAround : walk;
  const wrong = await run({ ...options, mayFail, mayGoOn }).catch((error) => `${error.stack} ${error.cause}`);
  checks[type] += 1;
  if (wrong !== null) onWrong(wrong);
}

/** Counts of events without a readable time are not defined. */
const canCheckAround = (kind) => logOf(kind).mayFilter;

async function walkOn(from) {
  for (let turn = from; !isOver; turn += 1) {
    const kind = KIND_NAMES[turn % KIND_NAMES.length];
    const type = canCheckAround(kind) && random.chance(AROUND_SHARE) ? "aroundChecks" : "walks";
    await check(kind, type, ask, async () => {
      await wait(RETRY_PAUSE_MS);
      return !isOver;
    });
  }
}

async function runSchedule() {
  const until = startedAt + Number(values.minutes) * 60_000;
  for (const planned of steps(randomFrom(Number(values.seed)), KIND_NAMES.length)) {
    if (planned.startsRound && performance.now() >= until) break;
    step = planned;
    const { ms, redisAt, killAt, recoversAt } = planned;
    await Promise.all([
      wait(ms),
      wait(ms * recoversAt).then(() => {
        step = null;
      }),
      wait(ms * redisAt).then(() => {
        count(`redis ${planned.redis}`);
        return redis.become(planned.redis);
      }),
      wait(ms * killAt).then(() => {
        for (const index of planned.killed) if (gateways.replace(index)) count("gateway killed");
      }),
    ]);
  }
  await redis.become("up");
  await gateways.areUp();
}

/** Without faults and changes, each gateway shows fresh pages again, and walks have no error that remains. */
async function recover() {
  const deadline = performance.now() + RECOVERED_WITHIN_MS;
  const isInTime = async () => {
    await wait(RETRY_PAUSE_MS);
    return performance.now() < deadline;
  };
  const recovered = async (slot, kind) => {
    const askFor = (variables, query) => askSlot(slot, variables, query);
    const { id } = logOf(kind).log;
    for (;;) {
      const { page } = await askFor({ id, order: "NEWEST_FIRST", first: 1 });
      if (page?.isStale === false) break;
      if (!(await isInTime())) return onWrong(`${id} has not recovered`);
    }
    await check(kind, "walks", askFor, isInTime);
    if (canCheckAround(kind)) await check(kind, "aroundChecks", askFor, isInTime);
  };
  await Promise.all(gateways.slots.flatMap((slot) => KIND_NAMES.map((kind) => recovered(slot, kind))));
}

const ticking = setInterval(tick, TICK_MS);
const walkers = Array.from({ length: Number(values.parallel) }, (_, index) => walkOn(index));
await runSchedule();
const chaosFor = elapsed();
isOver = true;
await Promise.all(walkers);
clearInterval(ticking);
await Promise.all([recover(), followers.stop()]);

const listed = (numbers) =>
  Object.entries(numbers)
    .sort()
    .map(([what, number]) => `${what} ${number}`)
    .join(", ");
const queries = Object.values(counts).reduce((sum, number) => sum + number, 0);
console.log(
  `${checks.walks} walks, ${checks.aroundChecks} pages around a place, ${queries} queries, ${upstream.calls} upstream calls in ${elapsed()}, ${chaosFor} of them with faults`,
);
console.log(`followers: ${listed(followers.counts)}`);
console.log(`faults: ${listed(injected)}`);
console.log(`answers: ${listed(counts)}`);
console.log(`${violations} violations, seed ${values.seed}`);
await gateways.stop();
await redis.stop();
upstream.close();
process.exitCode = violations === 0 ? 0 : 1;
