/** `half-open` while a probe is in flight. */
export type CircuitState = "closed" | "open" | "half-open";

/**
 * The states of a circuit breaker. The owner decides when failures open the circuit; the circuit decides when calls
 * may pass. While it is open, one probe at a time may pass, at most one every `probeEveryMs`.
 */
export class Circuit {
  #state: CircuitState = "closed";
  #probeAtMs = 0;

  /**
   * @param probeEveryMs the shortest time between two probes, in milliseconds
   * @param nowMs a monotonic clock, in milliseconds
   */
  constructor(
    private readonly probeEveryMs: number,
    private readonly nowMs: () => number,
  ) {}

  get state(): CircuitState {
    return this.#state;
  }

  /** Whether ordinary calls are refused. */
  get isOpen(): boolean {
    return this.#state !== "closed";
  }

  /** The time until a call may pass, in milliseconds; 0 if one may pass now. */
  get waitMs(): number {
    if (this.#state === "closed") return 0;
    if (this.#state === "half-open") return this.probeEveryMs;
    return Math.max(0, this.#probeAtMs - this.nowMs());
  }

  /** @returns whether the circuit was closed until now */
  open(): boolean {
    if (this.#state !== "closed") return false;
    this.#wait();
    return true;
  }

  /** True for the one caller that should send a probe now and then call {@link probed}. */
  takeProbe(): boolean {
    if (this.#state !== "open" || this.waitMs > 0) return false;
    this.#state = "half-open";
    return true;
  }

  /** Ends the probe: a good one closes the circuit, any other starts the next wait. */
  probed(works: boolean): void {
    if (works) this.#state = "closed";
    else this.#wait();
  }

  #wait(): void {
    this.#state = "open";
    this.#probeAtMs = this.nowMs() + this.probeEveryMs;
  }
}
