import { Circuit } from "../common/circuit.js";

/** The weight of a failure; a success has weight 1. */
const FAILURE_WEIGHT = 2;
/**
 * The circuit opens at this score: after three failures in a row, or if more than a third of the calls fail for some
 * time.
 */
const OPEN_AT = 6;
/** After a good probe, one more failure opens the circuit again. */
const AFTER_PROBE = OPEN_AT - FAILURE_WEIGHT;

/** A circuit breaker that opens after a few failures, however many calls succeeded before. */
export class Breaker {
  readonly #circuit: Circuit;
  #score = 0;

  /**
   * @param probeEveryMs the shortest time between two probes, in milliseconds
   * @param nowMs a monotonic clock, in milliseconds
   */
  constructor(probeEveryMs: number, nowMs: () => number) {
    this.#circuit = new Circuit(probeEveryMs, nowMs);
  }

  get isOpen(): boolean {
    return this.#circuit.isOpen;
  }

  succeeded(): void {
    if (!this.isOpen) this.#score = Math.max(0, this.#score - 1);
  }

  /** @returns whether this failure opened the circuit */
  failed(): boolean {
    this.#score += FAILURE_WEIGHT;
    return this.#score >= OPEN_AT && this.#circuit.open();
  }

  /** True for the one caller that should send a probe now and then call {@link probed}. */
  takeProbe(): boolean {
    return this.#circuit.takeProbe();
  }

  probed(works: boolean): void {
    if (works) this.#score = AFTER_PROBE;
    this.#circuit.probed(works);
  }
}
