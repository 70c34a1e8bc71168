/** A fault weighs as much as this many good answers. */
const FAULT_WEIGHT = 2;
/** Three faults in a row, or more than a third of faults for a while. */
const OPEN_AT = 6;
/** After a good probe one more fault suffices. */
const AFTER_PROBE = OPEN_AT - FAULT_WEIGHT;

/** Tells whether something that has failed should be asked now. */
export class Breaker {
  #score = 0;
  #open = false;
  #probeAtMs = 0;

  /**
   * @param restMs the least time between two probes, in milliseconds
   * @param nowMs any steady clock
   */
  constructor(
    private readonly restMs: number,
    private readonly nowMs: () => number,
  ) {}

  get isOpen(): boolean {
    return this.#open;
  }

  succeeded(): void {
    if (!this.#open) this.#score = Math.max(0, this.#score - 1);
  }

  /** @returns whether this was one fault too many */
  failed(): boolean {
    this.#score += FAULT_WEIGHT;
    if (this.#open || this.#score < OPEN_AT) return false;
    this.#open = true;
    this.#probeAtMs = this.nowMs() + this.restMs;
    return true;
  }

  /** True for the one caller that should try now whether it works again, and then tell by {@link probed}. */
  takeProbe(): boolean {
    if (!this.#open || this.nowMs() < this.#probeAtMs) return false;
    this.#probeAtMs = Number.POSITIVE_INFINITY;
    return true;
  }

  probed(works: boolean): void {
    if (works) {
      this.#open = false;
      this.#score = AFTER_PROBE;
    } else {
      this.#probeAtMs = this.nowMs() + this.restMs;
    }
  }
}
