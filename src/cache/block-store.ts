import { type CacheKey } from "./key.js";

/**
 * Where encoded blocks are kept. A store never fails: what it cannot read is a miss, what it cannot write is
 * forgotten.
 */
export type BlockStore = {
  /** The values under the keys, in their order; null where there is none or its lifetime is over. */
  getMany(keys: readonly CacheKey[]): Promise<readonly (Buffer | null)[]>;
  /** Keeps a value for `ttlMs` at most. */
  set(key: CacheKey, value: Buffer, ttlMs: number): Promise<void>;
};
