import { LRUCache } from "lru-cache";

/** What part of the room is for values that were asked for once only. */
const NEW_PART = 0.25;

/**
 * Keeps what was used last, up to a size in all. What has been asked for again has a room of its own, so that a flood
 * of new values, each of them asked for once, cannot push it out.
 */
export class TwoQueueCache<Value extends object | string> {
  readonly #new: LRUCache<string, Value>;
  readonly #proven: LRUCache<string, Value>;

  /**
   * @param maxSize bound of all values' sizes; a value larger than its room is not kept
   * @param sizeOf a value's size, whatever it counts
   */
  constructor(maxSize: number, sizeOf: (value: Value, key: string) => number) {
    const room = (part: number): LRUCache<string, Value> =>
      new LRUCache({
        maxSize: Math.floor(maxSize * part),
        sizeCalculation: (value, key) => Math.max(1, sizeOf(value, key)),
      });
    this.#new = room(NEW_PART);
    this.#proven = room(1 - NEW_PART);
  }

  get(key: string): Value | undefined {
    const proven = this.#proven.get(key);
    if (proven !== undefined) return proven;
    const value = this.#new.get(key);
    if (value !== undefined) {
      this.#new.delete(key);
      this.#proven.set(key, value);
    }
    return value;
  }

  /** Whether a value is kept, without that counting as asking for it. */
  has(key: string): boolean {
    return this.#proven.has(key) || this.#new.has(key);
  }

  set(key: string, value: Value): void {
    (this.#proven.has(key) ? this.#proven : this.#new).set(key, value);
  }

  delete(key: string): boolean {
    return this.#proven.delete(key) || this.#new.delete(key);
  }
}
