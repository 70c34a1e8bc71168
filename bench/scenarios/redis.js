/** Pages that another process has put into Redis. */
import { startContender, startProduct, stopAll } from "../lib/contenders.js";
import { pageOf } from "../lib/operations.js";
import { inRounds } from "../lib/rounds.js";

const LONG_TTL = { CACHE_HEAD_TTL_MS: "3600000", CACHE_SETTLED_TTL_MS: "3600000" };

/** Jobs of 60 events, so one block each. */
async function createJobs(simulator, count) {
  for (let job = 0; job < count; job += 1) await simulator.createJob(`redis-${job}`, 60, job + 1);
}

/** The number of clients that request the same page at once, in the case with several clients. */
const AT_ONCE = 4;

const requestsOf = (from, count) =>
  Array.from({ length: count }, (_, index) => pageOf(`redis-${from + index}`, 50));

/**
 * @returns null without Redis; `available: false` if the product writes nothing to Redis; otherwise the CPU per request
 *   by case and contender, and the number of Redis reads for one and for 200 identical queries
 */
export async function measureRedis({ simulator, load, redis, quick, say }) {
  if (!redis) return null;
  await redis.empty();
  const each = quick ? 200 : 600;
  const rounds = quick ? 4 : 5;
  const warmUp = 2500;
  const shared = each / AT_ONCE;
  const jobs = warmUp + (each + shared) * (rounds + 1) + 10;
  const env = { REDIS_URL: redis.url, ...LONG_TTL };
  await simulator.createJob("redis-probe", 60, 1);
  const filler = await startProduct(simulator.url, { name: "product", env });
  const target = { urls: [filler.url] };
  await load({ ...target, requests: [pageOf("redis-probe", 50)], count: 1 });
  await new Promise((resolve) => setTimeout(resolve, 500));
  if ((await redis.keys()) === 0) {
    await filler.stop();
    say("the product does not write to Redis");
    return { available: false };
  }
  await createJobs(simulator, jobs);
  await load({ ...target, requests: requestsOf(0, jobs), count: jobs });

  const peer = await startContender("AS-redis", simulator.url, { REDIS_URL: redis.url, TTL_SECONDS: "3600" });
  const reader = await startProduct(simulator.url, { name: "reader", env });
  // These jobs differ from those whose pages the reader must find in Redis only.
  const known = requestsOf(jobs - 8, 8);
  const hot = (server) => ({ urls: [server.url], pids: [server.pid], requests: known, vary: true });
  await load({ ...hot(peer), count: 2500 });
  await load({ ...hot(filler), count: 2500 });
  await load({ ...hot(reader), count: 2500 });
  let next = 0;
  /** Pages that the reader has never read. Each is requested this many times in a row, so by as many clients at once. */
  const neverSeen = (pages, times) => {
    const requests = requestsOf(next, pages).flatMap((request) =>
      Array.from({ length: times }, () => request),
    );
    next += pages;
    return load({ urls: [reader.url], pids: [reader.pid], requests, vary: true, count: requests.length });
  };
  await neverSeen(warmUp, 1);
  const calls = await simulator.calls();
  const figures = await inRounds(
    {
      "AS-redis": () => load({ ...hot(peer), count: each * 2 }),
      "body known": () => load({ ...hot(filler), count: each * 4 }),
      "Redis only": () => neverSeen(each, 1),
      "Redis only, shared": () => neverSeen(shared, AT_ONCE),
    },
    { rounds, extraRounds: 0 },
  );
  const upstreamCalls = (await simulator.calls()) - calls;
  const reads = await countReads({ load, redis, url: reader.url, first: jobs - 10 });
  await stopAll({ filler, peer, reader });
  say("pages in Redis");
  return { available: true, figures, upstreamCalls, reads };
}

/** Redis reads for one query and for 200 identical parallel queries, of pages that only Redis has. */
async function countReads({ load, redis, url, first }) {
  const ask = async (job, count) => {
    await redis.resetCounters();
    await load({ urls: [url], requests: requestsOf(job, 1), connections: count, count });
    return redis.reads();
  };
  return { forOne: await ask(first, 1), for200: await ask(first + 1, 200) };
}
