import { type BlockStore } from "./block-store.js";
import { createFlightLock, type FlightLock, noLock } from "./flight-lock.js";
import { createMemoryStore } from "./memory-store.js";
import { createRedisStore } from "./redis/redis-store.js";
import { redisTarget } from "./redis/redis-url.js";
import { CLOCK_KEY } from "./keys.js";
import { TIME_MS } from "./redis/redis-scripts.js";
import { type SharedClock } from "./shared-clock.js";
import { createTieredStore } from "./tiered-store.js";

/** How long the start waits for Redis, in milliseconds, so that the first requests can use it. */
const FIRST_CONNECT_MS = 500;

/** How often the gateway reads the clock of Redis, in milliseconds. */
const FOLLOW_MS = 5_000;

/** The store of blocks, and the lock for reading them from the upstream. */
export type Cache = {
  readonly store: BlockStore;
  readonly lock: FlightLock;
  close(): void;
};

/**
 * Makes the cache of one process: its memory, and Redis behind it if there is one. It also works while Redis fails.
 * @param options.redisUrls the checked value of REDIS_URL; null for memory alone
 * @param options.nowMs a clock, in milliseconds since the epoch
 * @param options.clock a clock that shall follow the clock of Redis; default: none
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
