import { type Entry } from "./entry.js";
import { type CacheKey } from "./keys.js";

/** An entry, and the store that had it. */
export type Found = { readonly entry: Entry; readonly source: "memory" | "redis" };

/**
 * Where entries are kept. A store never fails: what it cannot read is a miss, what it cannot write is forgotten.
 */
export type BlockStore = {
  /**
   * The entries under the keys and then those under `along`, in their order; null where there is none.
   * @param along keys that are worth a look only on the way: they alone make no store ask another
   */
  getMany(keys: readonly CacheKey[], along?: readonly CacheKey[]): Promise<readonly (Found | null)[]>;
  /** Whether asking for a key would bring no more than what is at hand. */
  isNear(key: CacheKey): boolean;
  /** What is at hand without asking anybody. */
  peek(key: CacheKey): Entry | null;
  /** Keeps an entry, unless a later one is there. What is near has it when this returns. */
  set(key: CacheKey, entry: Entry): void;
};
