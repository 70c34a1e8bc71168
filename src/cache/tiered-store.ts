import DataLoader from "dataloader";
import { type BlockStore, type Found } from "./block-store.js";
import { isFreshEntry } from "./entry.js";
import { type CacheKey } from "./keys.js";
import { type MemoryStore } from "./memory-store.js";

/** Bounds one reply of Redis to about a megabyte. */
const KEYS_MAX = 64;

/**
 * Memory in front of a store that is far. The far one is asked for what memory lacks, and for what memory has no
 * longer fresh: what memory still keeps of that must not hide a later reading by another process. Everything asked
 * for in one turn of the event loop is one question, and what is being asked for already is not asked for again.
 */
export function createTieredStore(near: MemoryStore, far: BlockStore, nowMs: () => number): BlockStore {
  const lookups: DataLoader<CacheKey, null> = new DataLoader(
    async (keys) => {
      try {
        const found = await far.getMany(keys);
        keys.forEach((key, index) => {
          const entry = found[index]?.entry;
          if (entry !== undefined) near.adopt(key, entry);
        });
      } finally {
        for (const key of keys) lookups.clear(key);
      }
      return keys.map(() => null);
    },
    {
      maxBatchSize: KEYS_MAX,
      // Behind all that has come in by now: requests of many connections then share one command and one system call.
      batchScheduleFn: (ask) => {
        setImmediate(ask);
      },
    },
  );
  const isNear = (key: CacheKey): boolean => {
    const entry = near.peek(key);
    return entry !== null && isFreshEntry(entry, nowMs());
  };
  return {
    getMany: async (keys, along = []) => {
      const all = [...keys, ...along];
      const before = all.map((key) => near.peek(key));
      if (!keys.every(isNear)) {
        // Should the far store fail although none does, that is a miss, too.
        await lookups.loadMany(all.filter((key) => !isNear(key)));
      }
      return all.map((key, index): Found | null => {
        const entry = near.peek(key);
        if (entry === null) return null;
        return { entry, source: entry === before[index] ? "memory" : "redis" };
      });
    },
    isNear,
    peek: (key) => near.peek(key),
    set: (key, entry) => {
      near.set(key, entry);
      try {
        far.set(key, entry);
      } catch {
        // Forgotten there, as stores do with what they cannot write.
      }
    },
  };
}
