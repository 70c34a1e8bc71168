import { performance } from "node:perf_hooks";

/** The clock is corrected only if the difference exceeds the error of the measurement plus this, in milliseconds. */
const TOLERANCE_MS = 20;

/**
 * The clock for the times of readings and for lifetimes. It does not follow changes of the machine's clock. Processes
 * that share a Redis follow the clock of that Redis, so they agree on the age of shared entries.
 */
export class SharedClock {
  #offsetMs: number;

  /** @param steadyMs a monotonic clock, in milliseconds from any start */
  constructor(
    wallMs: () => number = Date.now,
    private readonly steadyMs: () => number = () => performance.now(),
  ) {
    this.#offsetMs = wallMs() - steadyMs();
  }

  /** In milliseconds since the epoch. */
  readonly nowMs = (): number => Math.floor(this.#offsetMs + this.steadyMs());

  /**
   * Reads another clock once, and corrects this one by it.
   * @param ask returns the other clock's time, in milliseconds since the epoch; any other value is ignored
   */
  async follow(ask: () => Promise<unknown>): Promise<void> {
    const askedAt = this.steadyMs();
    const answer = await ask();
    if (typeof answer !== "number" || !Number.isSafeInteger(answer)) return;
    const answeredAt = this.steadyMs();
    const errorMs = (answeredAt - askedAt) / 2;
    const offsetMs = answer - (askedAt + answeredAt) / 2;
    if (Math.abs(offsetMs - this.#offsetMs) > errorMs + TOLERANCE_MS) this.#offsetMs = offsetMs;
  }
}
