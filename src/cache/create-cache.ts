import { type BlockStore } from "./block-store.js";
import { createFlightLock, type FlightLock, noLock } from "./flight-lock.js";
import { createMemoryStore } from "./memory-store.js";
import { createRedisStore } from "./redis/redis-store.js";
import { redisTarget } from "./redis/redis-url.js";
import { CLOCK_KEY } from "./keys.js";
import { TIME_MS } from "./redis/redis-scripts.js";
import { type SharedClock } from "./shared-clock.js";
import { createTieredStore } from "./tiered-store.js";

/** How long a start waits for Redis, in milliseconds, so that the first requests can use it. */
const FIRST_CONNECT_MS = 500;

/** How often the clock of Redis is asked, in milliseconds. */
const FOLLOW_MS = 5_000;

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
 * @param options.clock follows the clock of Redis; default: none does
 */
export async function createCache(options: {
  redisUrls: readonly string[] | null;
  memoryMaxBytes: number;
  nowMs: () => number;
  clock?: SharedClock | null;
}): Promise<Cache> {
  const { redisUrls, nowMs, clock = null } = options;
  const memory = createMemoryStore({ maxBytes: options.memoryMaxBytes, nowMs });
  if (redisUrls === null) return { store: memory, lock: noLock, close: () => undefined };
  // A gateway without Redis does not load its client.
  const [{ RedisConnection }, { RedisGate }] = await Promise.all([
    import("./redis/redis-connection.js"),
    import("./redis/redis-gate.js"),
  ]);
  const gate = new RedisGate(new RedisConnection(redisTarget(redisUrls)));
  await gate.connect(FIRST_CONNECT_MS);
  const follow = async (): Promise<void> => {
    await clock?.follow(() => gate.ask(CLOCK_KEY, (client) => client.eval(TIME_MS, 1, CLOCK_KEY)));
  };
  await follow();
  const following = setInterval(() => void follow(), FOLLOW_MS);
  following.unref();
  return {
    store: createTieredStore(memory, createRedisStore(gate, nowMs), nowMs),
    lock: createFlightLock(gate, memory, nowMs),
    close: () => {
      clearInterval(following);
      gate.close();
    },
  };
}
