import { LRUCache } from "lru-cache";
import { type BlockStore, type Found } from "./block-store.js";
import { CLOCK_SKEW_MS, type Entry } from "./entry.js";
import { type CacheKey } from "./keys.js";

/** Memory for an entry beyond the bytes of its key and value: objects and the bookkeeping of the LRU. */
const ENTRY_OVERHEAD_BYTES = 320;

/** A synchronous store. */
export type MemoryStore = BlockStore & {
  /**
   * Copies an entry of another store if it is later. For the same reading the existing object stays, because
   * decoded data is kept by object.
   */
  adopt(key: CacheKey, entry: Entry): void;
};

/**
 * The in-process store. It evicts the least recently used entry when `maxBytes` is reached.
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
  /** Whether an entry is from the future. After the clock was set back, such an entry must not block newer ones. */
  const isFuture = ({ readAtMs }: Entry): boolean => readAtMs > options.nowMs() + CLOCK_SKEW_MS;
  return {
    isLocal: () => true,
    peek,
    adopt: (key, entry) => {
      const known = peek(key);
      if (known === null || known.readAtMs < entry.readAtMs || isFuture(known)) entries.set(key, entry);
    },
    getMany: (keys, optionalKeys = []) => {
      const found = [...keys, ...optionalKeys].map((key): Found | null => {
        const entry = peek(key);
        return entry === null ? null : { entry, source: "memory" };
      });
      return Promise.resolve(found);
    },
    set: (key, entry) => {
      const known = peek(key);
      if (known === null || known.readAtMs <= entry.readAtMs || isFuture(known)) entries.set(key, entry);
    },
  };
}
