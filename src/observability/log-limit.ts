import { LRUCache } from "lru-cache";

/** The maximum number of keys that are remembered. */
const KEYS_MAX = 500;

/** Allows one log line for each key in a period, and counts the lines that it suppresses. */
export class LogLimit {
  readonly #lines = new LRUCache<string, { readonly atMs: number; suppressed: number }>({ max: KEYS_MAX });

  /**
   * @param everyMs the period, in milliseconds
   * @param nowMs a monotonic clock, in milliseconds
   */
  constructor(
    private readonly everyMs: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @returns the number of lines suppressed since the last allowed one; null if this line must be suppressed */
  admit(key: string): number | null {
    const atMs = this.nowMs();
    const last = this.#lines.get(key);
    if (last !== undefined && atMs - last.atMs < this.everyMs) {
      last.suppressed += 1;
      return null;
    }
    this.#lines.set(key, { atMs, suppressed: 0 });
    return last?.suppressed ?? 0;
  }
}
