import { afterAll } from "@jest/globals";
import { type BlockStore } from "../../../src/cache/block-store.js";
import { createMemoryStore, type MemoryStore } from "../../../src/cache/memory-store.js";
import { createRedisStore } from "../../../src/cache/redis/redis-store.js";
import { createTieredStore } from "../../../src/cache/tiered-store.js";
import { blockStoreSuite } from "../../support/redis/block-store-suite.js";
import { seededRandom, withChaos } from "../../support/redis/chaos-store.js";
import { RedisServer, startCluster } from "../../support/redis/redis.js";
import { redisGate } from "../../support/redis/redis-gates.js";

/** Without a time limit: the suite tests the content of stores, not the speed of a busy machine. */
const PATIENCE_MS = 10_000;
const servers: RedisServer[] = [];

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
});

const memory = (nowMs: () => number): MemoryStore => createMemoryStore({ maxBytes: 64 * 1024 * 1024, nowMs });

async function redis(
  nowMs: () => number,
  urls?: readonly string[],
): Promise<{ store: BlockStore; close: () => Promise<void> }> {
  const started = urls === undefined ? await RedisServer.start() : null;
  if (started !== null) servers.push(started);
  const gate = redisGate(urls ?? [started?.url ?? ""], PATIENCE_MS);
  await gate.connect(10_000);
  const close = async (): Promise<void> => {
    gate.close();
    await started?.stop();
  };
  return { store: createRedisStore(gate, nowMs), close };
}

const nothing = (): Promise<void> => Promise.resolve();

blockStoreSuite("memory", (nowMs) => Promise.resolve({ store: memory(nowMs), close: nothing }));

blockStoreSuite("Redis", (nowMs) => redis(nowMs));

blockStoreSuite("a Redis Cluster", async (nowMs) => {
  const nodes = await startCluster();
  servers.push(...nodes);
  return redis(
    nowMs,
    nodes.map(({ url }) => url),
  );
});

blockStoreSuite("memory in front of Redis", async (nowMs) => {
  const { store, close } = await redis(nowMs);
  return { store: createTieredStore(memory(nowMs), store, nowMs), close };
});

blockStoreSuite("memory in front of memory that is late and throws", (nowMs) => {
  const far = withChaos(memory(nowMs), seededRandom(1), 0.3);
  return Promise.resolve({ store: createTieredStore(memory(nowMs), far, nowMs), close: nothing });
});

blockStoreSuite("memory in front of Redis that is late and throws", async (nowMs) => {
  const { store, close } = await redis(nowMs);
  const far = withChaos(store, seededRandom(2), 0.3);
  return { store: createTieredStore(memory(nowMs), far, nowMs), close };
});
