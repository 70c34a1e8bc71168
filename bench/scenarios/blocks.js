/** The cost of one block in the cache, compared with plain ioredis, and the effect of a stopped Redis on requests. */
import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { startProduct } from "../lib/contenders.js";
import { pageOf } from "../lib/operations.js";

const BLOCK_BYTES = 15_000;
const KEPT_MS = 600_000;

/** CPU and wall time of one call, in microseconds, the median of some rounds. */
async function cost(times, call) {
  const rounds = [];
  for (let round = 0; round < 6; round += 1) {
    const cpu = process.cpuUsage();
    const startedMs = performance.now();
    for (let time = 0; time < times; time += 1) await call(time);
    const { user, system } = process.cpuUsage(cpu);
    rounds.push({ cpuUs: (user + system) / times, wallUs: ((performance.now() - startedMs) * 1000) / times });
  }
  // The first round warms up.
  const sorted = rounds.slice(1).sort((a, b) => a.cpuUs - b.cpuUs);
  return sorted[Math.floor(sorted.length / 2)];
}

async function perBlock(redis, times) {
  const { createCache } = await import("../../dist/cache/create-cache.js");
  const keyOf = (index) => `mae:bench:{job}:${index}`;
  const value = Buffer.from(randomBytes(BLOCK_BYTES / 2).toString("hex"));
  const entry = () => ({
    readAtMs: Date.now(),
    freshMs: KEPT_MS,
    keptUntilMs: Date.now() + KEPT_MS,
    receivedAtMs: Date.now(),
    value,
  });
  const open = (memoryMaxBytes) => createCache({ redisUrls: [redis.url], memoryMaxBytes, nowMs: Date.now });
  // One of the caches is too small for a block, so each of its reads goes to Redis.
  const [far, near] = await Promise.all([open(1), open(64 * 1024 * 1024)]);
  const plain = new Redis(redis.url);
  far.store.set(keyOf(0), entry());
  near.store.set(keyOf(0), entry());
  await plain.set("plain", value, "PX", KEPT_MS);
  const figures = {
    "hit in memory": await cost(times, () => near.store.getMany([keyOf(0)])),
    "hit in Redis": await cost(times, () => far.store.getMany([keyOf(0)])),
    "miss in Redis": await cost(times, () => far.store.getMany([keyOf(1)])),
    "plain ioredis, hit": await cost(times, () => plain.getBuffer("plain")),
    "plain ioredis, miss": await cost(times, () => plain.getBuffer("none")),
  };
  far.close();
  near.close();
  plain.disconnect();
  return figures;
}

/** p99 in milliseconds of a steady load, before Redis is stopped and from one second after the circuit breaker opened. */
async function frozen({ simulator, load, redis, quick }) {
  await simulator.createJob("frozen", 60, 1);
  const env = { REDIS_URL: redis.url, CACHE_HEAD_TTL_MS: "200" };
  const product = await startProduct(simulator.url, { name: "product", env });
  const spec = {
    urls: [product.url],
    requests: [pageOf("frozen", 50)],
    vary: true,
    connections: 8,
    latencies: true,
  };
  const count = quick ? 4_000 : 20_000;
  await load({ ...spec, count });
  const before = await load({ ...spec, count });
  redis.freeze();
  const endsAt = Date.now() + 1_000;
  while (Date.now() < endsAt) await load({ ...spec, count: 200 });
  const after = await load({ ...spec, count });
  redis.thaw();
  await product.stop();
  return { beforeMs: before.p99Ms, afterMs: after.p99Ms };
}

/** @returns null without Redis */
export async function measureBlocks(context) {
  if (!context.redis) return null;
  const figures = await perBlock(context.redis, context.quick ? 1_000 : 4_000);
  const p99 = await frozen(context);
  context.say("blocks in the cache, and a stopped Redis");
  return { figures, p99 };
}
