import { type BlockStore } from "./block-store.js";
import { createFlightLock, type FlightLock, noLock } from "./flight-lock.js";
import { createMemoryStore } from "./memory-store.js";
import { RedisNews } from "./redis/redis-news.js";
import { createRedisStore } from "./redis/redis-store.js";
import { redisTarget, type RedisTarget } from "./redis/redis-url.js";
import { CLOCK_KEY, type Tenancy } from "./keys.js";
import { News, withNews } from "./news.js";
import { TIME_MS } from "./redis/redis-scripts.js";
import { type SharedClock } from "./shared-clock.js";
import { createMemoryCounter, createSharedCounter, type WindowCounter } from "./window-counter.js";
import { createTieredStore } from "./tiered-store.js";

/** How long the start waits for Redis, in milliseconds, so that the first requests can use it. */
const FIRST_CONNECT_MS = 500;

/** How often the gateway reads the clock of Redis, in milliseconds. */
const FOLLOW_MS = 5_000;

/** The store of blocks, and the lock for reading them from the upstream. */
export type Cache = {
  readonly store: BlockStore;
  readonly lock: FlightLock;
  /** The listeners for later entries. */
  readonly news: Pick<News, "watch">;
  readonly counter: WindowCounter;
  close(): void;
};

/**
 * Makes the cache of one process: its memory, and Redis behind it if there is one. It also works while Redis fails.
 * @param options.redisUrls the checked value of REDIS_URL; null for memory alone
 * @param options.nowMs a clock, in milliseconds since the epoch
 * @param options.channelOf names the channels on which processes announce new content
 * @param options.clock a clock that is to follow the clock of Redis; default: none
 */
export async function createCache(options: {
  redisUrls: readonly string[] | null;
  /** Reads REDIS_URL again before a new connection; default: it does not change. */
  readRedisUrls?: () => readonly string[] | null;
  memoryMaxBytes: number;
  nowMs: () => number;
  channelOf: Tenancy["channelOf"];
  clock?: SharedClock | null;
}): Promise<Cache> {
  const { redisUrls, readRedisUrls, nowMs, channelOf, clock = null } = options;
  const memory = createMemoryStore({ maxBytes: options.memoryMaxBytes, nowMs });
  const ownCounter = createMemoryCounter(nowMs);
  if (redisUrls === null) {
    const news = new News(null);
    return {
      store: withNews(memory, news),
      lock: noLock,
      news,
      counter: ownCounter,
      close: () => undefined,
    };
  }
  // A gateway without Redis does not load its client.
  const [{ RedisConnection }, { RedisGate }] = await Promise.all([
    import("./redis/redis-connection.js"),
    import("./redis/redis-gate.js"),
  ]);
  const connection = new RedisConnection(
    redisTarget(redisUrls),
    undefined,
    changesOf(redisUrls, readRedisUrls),
  );
  const gate = new RedisGate(connection);
  await gate.connect(FIRST_CONNECT_MS);
  const follow = async (): Promise<void> => {
    await clock?.follow(() => gate.run(CLOCK_KEY, (client) => client.eval(TIME_MS, 1, CLOCK_KEY)));
  };
  await follow();
  const following = setInterval(() => void follow(), FOLLOW_MS);
  following.unref();
  const redisStore = createRedisStore(gate, nowMs, channelOf);
  const remoteNews = new RedisNews(
    { connection, channelOf, local: memory, remote: redisStore },
    (key, readAtMs) => {
      news.notify(key, readAtMs);
    },
  );
  const news = new News(remoteNews);
  return {
    store: withNews(createTieredStore(memory, redisStore, nowMs), news),
    lock: createFlightLock(gate, memory, nowMs),
    news,
    counter: createSharedCounter(gate, ownCounter),
    close: () => {
      clearInterval(following);
      remoteNews.close();
      gate.close();
    },
  };
}

/** Makes a function that returns the target of changed URLs once, and null as long as they do not change. */
function changesOf(
  urls: readonly string[],
  read: () => readonly string[] | null = () => urls,
): () => RedisTarget | null {
  let known = urls.join();
  return () => {
    const latest = read() ?? urls;
    if (latest.join() === known) return null;
    known = latest.join();
    return redisTarget(latest);
  };
}
