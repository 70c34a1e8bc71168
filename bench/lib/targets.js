/** The rows of the result: each has a target, and a function that finds its value in the measurements. */
import { timesCheaper } from "./rounds.js";

/** A quick run must reach only this part of a target, because few rounds on a busy machine vary. Exact counts must be reached in full. */
const QUICK_PART = 0.7;

const ratio = (scenario, contender, base) => (results) => {
  const measured = results.hot?.scenarios[scenario];
  return measured ? timesCheaper(measured[base], measured[contender]) : null;
};

const atLeast = (id, title, target, value) => ({ id, title, target, sense: "at least", value });
const atMost = (id, title, target, value) => ({ id, title, target, sense: "at most", value });
const count = (id, title, target) => ({
  ...atMost(id, title, target, ({ calls }) => calls?.product[title] ?? null),
  exact: true,
});

/** A row that a quick run omits. */
const inFull = (row) => ({ ...row, fullOnly: true });

const walks = ["NEWEST_FIRST", "OLDEST_FIRST"].flatMap((order) =>
  [10, 50, 100].map((first) =>
    count(`walk-${first}-${order}`, `walk of 1,000, pages of ${first}, ${order}`, 12),
  ),
);

const fromRedis = (name) => (results) => {
  const figures = results.redis?.figures;
  return figures ? timesCheaper(figures["AS-redis"], figures[name]) : null;
};

const SUBSCRIBERS = 1_000;
/** The contenders that have subscriptions. Event streams of the gateway are not among them. */
const LIVE_PEERS = ["Apollo-live", "mercurius-live", "Yoga-live, SSE"];

const live =
  (figure, size = SUBSCRIBERS) =>
  (results) => {
    const measured = results.live?.bySize[size];
    return measured?.product ? figure(measured) : null;
  };
const timesApollo = ({ product, "Apollo-live": apollo }) => product.cpuUs / apollo.cpuUs;
const timesCheapest = (measured) =>
  measured.product.cpuUs / Math.min(...LIVE_PEERS.map((name) => measured[name].cpuUs));

/** The cost of a page in comparison with that of another one. */
const timesPage = (name, base) => (results) => {
  const figures = results.places;
  return figures ? timesCheaper(figures[name], figures[base]) : null;
};

const missRatio = ({ miss }) => (miss ? miss.product.addedP50Ms / miss["AS-naive"].addedP50Ms : null);

/** The limit of memory without the cache, and the default limit of the cache. */
const RSS_MB = 115;
const CACHE_BOUND_MB = 67;

const V50 = "hot 50, varied";
const I50 = "hot 50, identical";
const V10 = "hot 10, varied";
const I10 = "hot 10, identical";

export const ROWS = [
  ...walks,
  count("walk-growing", "walk of 1,000 while the log grows", 14),
  // Not exact: if the last answers take more than a second longer than 10 s, another head lifetime has begun.
  { ...count("polling", "polling, 50 clients, 10 s", 7), exact: false },
  count("stampede-long", "stampede of 200, log over 100 events", 2),
  count("stampede-short", "stampede of 200, log of one block", 1),
  count("stampede-known", "stampede of 200, total known", 1),
  count("aliases", "20 aliases", 2),

  atLeast("v50-naive", `${V50}: × AS-naive`, 7, ratio(V50, "product", "AS-naive")),
  atLeast("v50-mercurius", `${V50}: × mercurius-jit`, 1.9, ratio(V50, "product", "mercurius-jit")),
  inFull(atLeast("v50-hive", `${V50}: × Hive-cached`, 5, ratio(V50, "product", "Hive-cached"))),
  { ...atLeast("v50-stretch", `${V50}: × AS-naive`, 12, ratio(V50, "product", "AS-naive")), stretch: true },
  {
    ...atLeast("v50-limit", `${V50}: × LIMIT-parse`, 0.75, ratio(V50, "product", "LIMIT-parse")),
    stretch: true,
  },
  atLeast("i50-naive", `${I50}: × AS-naive`, 20, ratio(I50, "product", "AS-naive")),
  atLeast("i50-limit", `${I50}: × LIMIT-parse`, 1.2, ratio(I50, "product", "LIMIT-parse")),
  atLeast("v10-naive", `${V10}: × AS-naive`, 4.5, ratio(V10, "product", "AS-naive")),
  atLeast("v10-mercurius", `${V10}: × mercurius-jit`, 1.7, ratio(V10, "product", "mercurius-jit")),
  inFull(atLeast("v10-hive", `${V10}: × Hive-cached`, 5, ratio(V10, "product", "Hive-cached"))),
  atLeast("i10-naive", `${I10}: × AS-naive`, 10, ratio(I10, "product", "AS-naive")),
  atLeast("apollo", `${V50}, through Apollo Server: × AS-naive`, 4, ratio(V50, "product-apollo", "AS-naive")),
  atMost("around", "hot page around a time: × the page", 1.1, timesPage("around", "page")),
  atMost(
    "around-elsewhere",
    "hot page around a time amid the log: × the page after a cursor",
    1.1,
    timesPage("around elsewhere", "page after a cursor"),
  ),
  atMost("counts", "hot page with counts: × the page", 1.15, timesPage("counts", "page")),

  atLeast("redis-known", "page in Redis, body known: × AS-redis", 10, fromRedis("body known")),
  atLeast(
    "redis-shared",
    "page in Redis only, requested by 4 clients: × AS-redis",
    3.5,
    fromRedis("Redis only, shared"),
  ),
  atLeast(
    "redis-only",
    "page in Redis only, requested by 1 client: × AS-redis",
    3.5,
    fromRedis("Redis only"),
  ),
  {
    ...atMost("redis-flight", "Redis reads for 200 parallel requests: × those for 1", 1, ({ redis }) =>
      redis?.reads ? redis.reads.for200 / redis.reads.forOne : null,
    ),
    exact: true,
  },
  atMost("frozen", "Redis stopped: increase of p99, ms", 50, ({ blocks }) =>
    blocks ? Math.max(0, blocks.p99.afterMs - blocks.p99.beforeMs) : null,
  ),
  inFull(atMost("miss", "cache miss, added p50: × AS-naive", 0.7, missRatio)),
  atLeast("flood", "flood of new documents: remaining speed", 0.9, ({ flood }) => flood?.keptSpeed ?? null),
  atMost("live-100", "100 subscribers, CPU per batch: × Apollo's set-up", 1, live(timesApollo, 100)),
  inFull(
    atMost("live-apollo", "1,000 subscribers, CPU per batch: × Apollo's set-up", 0.35, live(timesApollo)),
  ),
  inFull(
    atMost(
      "live-cheapest",
      "1,000 subscribers, CPU per batch: × the cheapest peer",
      0.5,
      live(timesCheapest),
    ),
  ),
  inFull(
    atMost(
      "live-cpu",
      "1,000 subscribers, CPU per batch and subscriber, µs",
      25,
      live(({ product }) => product.cpuUs),
    ),
  ),
  inFull(
    atMost(
      "live-idle",
      "an idle subscriber of 1,000, KiB",
      20,
      live(({ product }) => product.idleKib),
    ),
  ),
  inFull(
    atMost(
      "live-flowing",
      "a subscriber of 1,000 with events, KiB",
      30,
      live(({ product }) => product.flowingKib),
    ),
  ),
  inFull(
    atMost(
      "live-cores",
      "10,000 subscribers on 100 logs with two events a second each, cores",
      0.5,
      live((measured) => measured["product, every 2 s"].cores, 10_000),
    ),
  ),
  inFull(
    atMost(
      "resume",
      "1,000 subscribers resumed after a kill, slowest, ms",
      5_000,
      ({ resume }) => resume?.maxMs ?? null,
    ),
  ),
  {
    ...inFull(
      atMost("resume-events", "events lost or repeated by a kill", 0, ({ resume }) =>
        resume ? resume.lost + resume.repeated : null,
      ),
    ),
    exact: true,
  },
  inFull(
    atMost("resume-calls", "upstream calls after a kill: × those before", 2, ({ resume }) =>
      resume ? resume.after.meanPerS / resume.before.meanPerS : null,
    ),
  ),
  atMost("memory", "1,000 blocks, MB", 17, ({ memory }) => memory?.englishMb ?? null),
  atMost(
    "memory-zh",
    "1,000 blocks with Chinese messages, MB",
    17,
    ({ memory }) => memory?.chineseMb ?? null,
  ),
  inFull(
    atMost(
      "memory-bound",
      "bytes used for each byte of CACHE_MEMORY_MAX_BYTES",
      1.1,
      ({ memory }) => memory?.perByteOfBound ?? null,
    ),
  ),
  atMost(
    "rss",
    `RSS after load, MB (${RSS_MB} + limit of the cache)`,
    RSS_MB + CACHE_BOUND_MB,
    ({ hot }) => hot?.rss.product.afterLoad ?? null,
  ),
  atMost("gzip", "gzip size of a page of 50: × uncompressed", 0.12, ({ hot }) =>
    hot ? hot.bytes.gzip / hot.bytes.plain : null,
  ),
];

/** The limit for a value of this row, in a quick or a full run. */
export function bar({ target, sense, exact }, quick) {
  if (!quick || exact) return target;
  return sense === "at least" ? target * QUICK_PART : target / QUICK_PART;
}

/** @returns the rows with `reached` (a number or null) and `ok` (null if there is no value) */
export const judge = (results, quick) =>
  ROWS.filter(({ fullOnly }) => !(quick && fullOnly)).map(({ value, ...row }) => {
    const reached = value(results);
    const limit = bar(row, quick);
    const ok = reached === null ? null : row.sense === "at least" ? reached >= limit : reached <= limit;
    return { ...row, bar: limit, reached, ok };
  });
