import { performance } from "node:perf_hooks";

/** A difference that is within the error of measuring it plus this is left alone, in milliseconds. */
const TOLERANCE_MS = 20;

/**
 * The clock by which readings are dated and lifetimes are measured. It does not follow changes of the machine's clock.
 * Processes that share a Redis follow the clock of that Redis, so that they agree on the age of what they share.
 */
export class SharedClock {
  #offsetMs: number;

  /** @param steadyMs a clock that only goes forward, in milliseconds from any beginning */
  constructor(
    wallMs: () => number = Date.now,
    private readonly steadyMs: () => number = () => performance.now(),
  ) {
    this.#offsetMs = wallMs() - steadyMs();
  }

  /** In milliseconds since the epoch. */
  readonly nowMs = (): number => Math.floor(this.#offsetMs + this.steadyMs());

  /**
   * Asks another clock, and follows it from then on.
   * @param ask the other clock's time, in milliseconds since the epoch; anything else is ignored
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
