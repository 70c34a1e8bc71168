import { CircuitState, type IBreaker } from "cockatiel";

const BUCKETS = 10;

/**
 * Says when the circuit opens: when at least `minimumCalls` ended within `windowMs` and half of them or more failed.
 * cockatiel's own SamplingBreaker forgets one old second for each new call at most, so that after an hour's silence
 * the failures from before it still count.
 */
export class FailureWindow implements IBreaker {
  /** For cockatiel, which can write a breaker's state down; ours is never restored. */
  state: unknown = undefined;
  private readonly bucketMs: number;
  private readonly buckets = Array.from({ length: BUCKETS }, () => ({ id: 0, calls: 0, failures: 0 }));

  constructor(
    windowMs: number,
    private readonly minimumCalls: number,
  ) {
    this.bucketMs = windowMs / BUCKETS;
  }

  success(state: CircuitState): void {
    // A probe that succeeds closes the circuit, and the counting starts afresh.
    if (state === CircuitState.HalfOpen) for (const bucket of this.buckets) bucket.id = 0;
    this.count(0);
  }

  failure(state: CircuitState): boolean {
    const now = this.count(1);
    if (state !== CircuitState.Closed) return true;
    let calls = 0;
    let failures = 0;
    for (const bucket of this.buckets) {
      if (bucket.id <= now - BUCKETS || bucket.id > now) continue;
      calls += bucket.calls;
      failures += bucket.failures;
    }
    return calls >= this.minimumCalls && failures * 2 >= calls;
  }

  private count(failures: 0 | 1): number {
    const id = Math.floor(Date.now() / this.bucketMs);
    const bucket = this.buckets[id % BUCKETS];
    if (bucket !== undefined) {
      if (bucket.id !== id) Object.assign(bucket, { id, calls: 0, failures: 0 });
      bucket.calls += 1;
      bucket.failures += failures;
    }
    return id;
  }
}
