import { LRUCache } from "lru-cache";

/** The share of the size for values that were requested only once. */
const NEW_PART = 0.25;

/**
 * An LRU cache with a bound for the total size. Values that were requested again have a queue of their own, so a flood
 * of values that are requested once cannot evict them.
 */
export class TwoQueueCache<Value extends object | string> {
  readonly #new: LRUCache<string, Value>;
  readonly #repeated: LRUCache<string, Value>;

  /**
   * @param maxSize bound of all values' sizes; a value larger than its queue is not kept
   * @param sizeOf the size of a value, in any unit
   */
  constructor(maxSize: number, sizeOf: (value: Value, key: string) => number) {
    const room = (part: number): LRUCache<string, Value> =>
      new LRUCache({
        maxSize: Math.floor(maxSize * part),
        sizeCalculation: (value, key) => Math.max(1, sizeOf(value, key)),
      });
    this.#new = room(NEW_PART);
    this.#repeated = room(1 - NEW_PART);
  }

  get(key: string): Value | undefined {
    const repeated = this.#repeated.get(key);
    if (repeated !== undefined) return repeated;
    const value = this.#new.get(key);
    if (value !== undefined) {
      this.#new.delete(key);
      this.#repeated.set(key, value);
    }
    return value;
  }

  /** Whether a value is in the cache. This does not count as a request for it. */
  has(key: string): boolean {
    return this.#repeated.has(key) || this.#new.has(key);
  }

  set(key: string, value: Value): void {
    (this.#repeated.has(key) ? this.#repeated : this.#new).set(key, value);
  }

  delete(key: string): boolean {
    return this.#repeated.delete(key) || this.#new.delete(key);
  }
}
