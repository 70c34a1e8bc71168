import DataLoader from "dataloader";
import { type BlockStore, type Found } from "./block-store.js";
import { isFreshEntry } from "./entry.js";
import { type CacheKey } from "./keys.js";
import { type MemoryStore } from "./memory-store.js";

/** Limits one reply of Redis to about a megabyte. */
const KEYS_MAX = 64;

/**
 * A memory store in front of a remote store. The remote store is read for missing entries and for entries that are no
 * longer fresh, because another process can have a later reading. All reads of one turn of the event loop are one
 * request, and a key that is already being read is not requested again.
 */
export function createTieredStore(local: MemoryStore, remote: BlockStore, nowMs: () => number): BlockStore {
  const lookups: DataLoader<CacheKey, null> = new DataLoader(
    async (keys) => {
      try {
        const found = await remote.getMany(keys);
        keys.forEach((key, index) => {
          const entry = found[index]?.entry;
          if (entry !== undefined) local.adopt(key, entry);
        });
      } finally {
        for (const key of keys) lookups.clear(key);
      }
      return keys.map(() => null);
    },
    {
      maxBatchSize: KEYS_MAX,
      // Runs after all input of this turn, so that requests of many connections share one command and one system call.
      batchScheduleFn: (ask) => {
        setImmediate(ask);
      },
    },
  );
  const isLocal = (key: CacheKey): boolean => {
    const entry = local.peek(key);
    return entry !== null && isFreshEntry(entry, nowMs());
  };
  return {
    getMany: async (keys, optionalKeys = []) => {
      const all = [...keys, ...optionalKeys];
      const before = all.map((key) => local.peek(key));
      if (!keys.every(isLocal)) {
        // Stores do not fail; if one does anyway, `loadMany` returns the error, and that is a miss.
        await lookups.loadMany(all.filter((key) => !isLocal(key)));
      }
      return all.map((key, index): Found | null => {
        const entry = local.peek(key);
        if (entry === null) return null;
        return { entry, source: entry === before[index] ? "memory" : "redis" };
      });
    },
    isLocal,
    peek: (key) => local.peek(key),
    set: (key, entry, isNews) => {
      local.set(key, entry);
      try {
        remote.set(key, entry, isNews);
      } catch {
        // A failed write is dropped.
      }
    },
  };
}
