import { LRUCache } from "lru-cache";
import { type BlockStore, type Found } from "./block-store.js";
import { type Entry } from "./entry.js";
import { type CacheKey } from "./keys.js";

/** What an entry costs beyond its key's and its value's bytes: the objects and the LRU's own bookkeeping. */
const ENTRY_OVERHEAD_BYTES = 320;

/** A store that answers at once. */
export type MemoryStore = BlockStore & {
  /** Takes over what another store has, if that is later. Of one reading the own form stays: it may know more. */
  adopt(key: CacheKey, entry: Entry): void;
};

/**
 * The in-process store: the least recently used goes first when `maxBytes` are reached.
 * @param nowMs a clock, in milliseconds since the epoch
 */
export function createMemoryStore(options: { maxBytes: number; nowMs: () => number }): MemoryStore {
  const entries = new LRUCache<CacheKey, Entry>({
    maxSize: options.maxBytes,
    sizeCalculation: ({ value }, key) => value.length + 2 * key.length + ENTRY_OVERHEAD_BYTES,
  });
  const peek = (key: CacheKey): Entry | null => {
    const entry = entries.get(key);
    if (entry === undefined) return null;
    if (entry.keptUntilMs > options.nowMs()) return entry;
    entries.delete(key);
    return null;
  };
  return {
    isNear: () => true,
    peek,
    adopt: (key, entry) => {
      const held = peek(key);
      if (held === null || held.readAtMs < entry.readAtMs) entries.set(key, entry);
    },
    getMany: (keys, along = []) => {
      const found = [...keys, ...along].map((key): Found | null => {
        const entry = peek(key);
        return entry === null ? null : { entry, source: "memory" };
      });
      return Promise.resolve(found);
    },
    set: (key, entry) => {
      const held = peek(key);
      if (held === null || held.readAtMs <= entry.readAtMs) entries.set(key, entry);
    },
  };
}
