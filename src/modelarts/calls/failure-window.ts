const BUCKETS = 10;
const NEVER = Number.NEGATIVE_INFINITY;

/** How many calls ended, and how many of them failed. */
export type CallCounts = { readonly calls: number; readonly failures: number };

/** Counts calls and failures over the last `windowMs`, in ten buckets. */
export class FailureWindow {
  readonly #bucketMs: number;
  readonly #buckets = Array.from({ length: BUCKETS }, () => ({ id: NEVER, calls: 0, failures: 0 }));

  /** @param nowMs a monotonic clock, in milliseconds */
  constructor(
    windowMs: number,
    private readonly nowMs: () => number,
  ) {
    this.#bucketMs = windowMs / BUCKETS;
  }

  count(failed: boolean): void {
    const id = this.#now();
    const bucket = this.#buckets[id % BUCKETS];
    if (bucket === undefined) return;
    if (bucket.id !== id) Object.assign(bucket, { id, calls: 0, failures: 0 });
    bucket.calls += 1;
    if (failed) bucket.failures += 1;
  }

  get counts(): CallCounts {
    const now = this.#now();
    let calls = 0;
    let failures = 0;
    for (const bucket of this.#buckets) {
      if (bucket.id <= now - BUCKETS || bucket.id > now) continue;
      calls += bucket.calls;
      failures += bucket.failures;
    }
    return { calls, failures };
  }

  clear(): void {
    for (const bucket of this.#buckets) bucket.id = NEVER;
  }

  #now(): number {
    return Math.floor(this.nowMs() / this.#bucketMs);
  }
}

/** The fewest calls within the window that can open a circuit. */
export const MINIMUM_CALLS = 20;

/** Whether half of at least {@link MINIMUM_CALLS} calls failed. */
export function isFailing({ calls, failures }: CallCounts): boolean {
  return calls >= MINIMUM_CALLS && failures * 2 >= calls;
}
