import { type Entry } from "./entry.js";
import { type CacheKey } from "./keys.js";

/** An entry, and the store that returned it. */
export type Found = { readonly entry: Entry; readonly source: "memory" | "redis" };

/**
 * A store of entries. A store never fails: a failed read is a miss, and a failed write is dropped.
 */
export type BlockStore = {
  /**
   * The entries of `keys` and then those of `optionalKeys`, in order; null for a missing entry.
   * @param optionalKeys keys that are looked up only if `keys` need a lookup anyway
   */
  getMany(keys: readonly CacheKey[], optionalKeys?: readonly CacheKey[]): Promise<readonly (Found | null)[]>;
  /** Whether a read of this key would return the same as `peek`. */
  isLocal(key: CacheKey): boolean;
  /** The entry in the memory of this process. */
  peek(key: CacheKey): Entry | null;
  /**
   * Stores an entry unless a later one exists. The memory of this process has it when this returns.
   * @param isNews whether the content is new, so that listeners of the key are notified; default: false
   */
  set(key: CacheKey, entry: Entry, isNews?: boolean): void;
};
