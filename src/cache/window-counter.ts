import { LRUCache } from "lru-cache";
import { type CacheKey } from "./keys.js";
import { type RedisGate } from "./redis/redis-gate.js";
import { COUNT_IN_WINDOW } from "./redis/redis-scripts.js";

/** Whether one more is allowed in the current window, and when the window ends, in milliseconds from now. */
type WindowCount = { readonly isAllowed: boolean; readonly endsInMs: number };

/**
 * Counts one more under a key, at most `max` in a window. A window begins with the first count after the previous
 * window. Refused attempts are not counted.
 */
export type WindowCounter = (key: CacheKey, max: number, windowMs: number) => Promise<WindowCount>;

/** The maximum number of keys that are counted in memory. The least recently used one is forgotten first. */
const KEYS_MAX = 10_000;

/** Counts in the memory of this process. */
export function createMemoryCounter(nowMs: () => number): WindowCounter {
  const windows = new LRUCache<CacheKey, { count: number; endsAtMs: number }>({ max: KEYS_MAX });
  return (key, max, windowMs) => {
    const now = nowMs();
    let window = windows.get(key);
    // The clock may have been set back.
    if (window === undefined || window.endsAtMs <= now || window.endsAtMs > now + windowMs) {
      window = { count: 0, endsAtMs: now + windowMs };
      windows.set(key, window);
    }
    const isAllowed = window.count < max;
    if (isAllowed) window.count += 1;
    return Promise.resolve({ isAllowed, endsInMs: window.endsAtMs - now });
  };
}

/** Counts in Redis for all processes, and in the memory of this process while Redis is not in use. */
export function createSharedCounter(gate: Pick<RedisGate, "run">, own: WindowCounter): WindowCounter {
  return async (key, max, windowMs) => {
    const reply: unknown = await gate.run(key, (client) =>
      client.eval(COUNT_IN_WINDOW, 1, key, max, windowMs),
    );
    if (!Array.isArray(reply)) return own(key, max, windowMs);
    const [allowed, endsInMs] = reply as unknown[];
    return typeof endsInMs === "number" ? { isAllowed: allowed === 1, endsInMs } : own(key, max, windowMs);
  };
}
