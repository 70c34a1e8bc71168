import { type BlockStore } from "./block-store.js";
import { createFlightLock, type FlightLock, noLock } from "./flight-lock.js";
import { createMemoryStore } from "./memory-store.js";
import { createRedisStore } from "./redis/redis-store.js";
import { redisTarget } from "./redis/redis-url.js";
import { createTieredStore } from "./tiered-store.js";

/** How long a start waits for Redis, in milliseconds, so that the first requests can use it. */
const FIRST_CONNECT_MS = 500;

/** The store of blocks, and the lock of those who read them from the upstream. */
export type Cache = {
  readonly store: BlockStore;
  readonly lock: FlightLock;
  close(): void;
};

/**
 * The cache of one process: its memory, with Redis behind it where there is one. It works with and without Redis.
 * @param options.redisUrls as REDIS_URL has them, checked; null for memory alone
 * @param options.nowMs a clock, in milliseconds since the epoch
 */
export async function createCache(options: {
  redisUrls: readonly string[] | null;
  memoryMaxBytes: number;
  nowMs: () => number;
}): Promise<Cache> {
  const { redisUrls, nowMs } = options;
  const memory = createMemoryStore({ maxBytes: options.memoryMaxBytes, nowMs });
  if (redisUrls === null) return { store: memory, lock: noLock, close: () => undefined };
  // A gateway without Redis does not load its client.
  const [{ RedisConnection }, { RedisGate }] = await Promise.all([
    import("./redis/redis-connection.js"),
    import("./redis/redis-gate.js"),
  ]);
  const gate = new RedisGate(new RedisConnection(redisTarget(redisUrls)));
  await gate.connect(FIRST_CONNECT_MS);
  return {
    store: createTieredStore(memory, createRedisStore(gate, nowMs), nowMs),
    lock: createFlightLock(gate, memory, nowMs),
    close: () => {
      gate.close();
    },
  };
}
