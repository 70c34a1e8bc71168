import { LRUCache } from "lru-cache";
import { type BlockStore } from "./block-store.js";
import { type CacheKey } from "./key.js";

/** What an entry costs beyond its key's and its value's bytes: the Buffer object and the LRU's own bookkeeping. */
const ENTRY_OVERHEAD_BYTES = 256;

/**
 * The in-process store: the least recently used goes first when `maxBytes` are reached.
 * @param nowMs a clock, in milliseconds since the epoch
 */
export function createMemoryStore(options: { maxBytes: number; nowMs: () => number }): BlockStore & {
  /** Bytes held, as counted against `maxBytes`. */
  readonly bytes: () => number;
} {
  const entries = new LRUCache<CacheKey, { value: Buffer; endsAtMs: number }>({
    maxSize: options.maxBytes,
    sizeCalculation: ({ value }, key) => value.length + 2 * key.length + ENTRY_OVERHEAD_BYTES,
  });
  const get = (key: CacheKey): Buffer | null => {
    const entry = entries.get(key);
    if (entry === undefined) return null;
    if (entry.endsAtMs > options.nowMs()) return entry.value;
    entries.delete(key);
    return null;
  };
  return {
    getMany: (keys) => Promise.resolve(keys.map(get)),
    set: (key, value, ttlMs) => {
      entries.set(key, { value, endsAtMs: options.nowMs() + ttlMs });
      return Promise.resolve();
    },
    bytes: () => entries.calculatedSize,
  };
}
