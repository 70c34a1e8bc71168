import { setImmediate as turn } from "node:timers/promises";
import { type Clock } from "../../../src/graphql/live/pace.js";
import { type VirtualModelArts } from "./virtual-modelarts.js";

type Timer = { readonly atMs: number; readonly fire: () => void };

/** The turns of the event loop after which all work in progress is done. */
const REST_TURNS = 4;

/** The clock of a virtual upstream; the test decides when waits end. */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Timer>();

  constructor(private readonly upstream: VirtualModelArts) {}

  readonly nowMs = (): number => this.upstream.nowMs;

  readonly wait = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const timer: Timer = { atMs: this.nowMs() + ms, fire: resolve };
      this.#timers.add(timer);
      signal.addEventListener("abort", () => {
        this.#timers.delete(timer);
        reject(signal.reason as Error);
      });
    });

  /** The number of waits. */
  get waits(): number {
    return this.#timers.size;
  }

  /** Waits until work in progress is done, then moves the time to the next end of a wait, but not beyond `untilMs`. */
  async step(untilMs: number): Promise<void> {
    for (let rest = 0; rest < REST_TURNS; rest += 1) {
      if (this.upstream.isBusy) rest = 0;
      await turn();
    }
    const [next] = [...this.#timers].sort((a, b) => a.atMs - b.atMs);
    if (next === undefined || next.atMs > untilMs) {
      this.upstream.nowMs = Math.max(this.nowMs(), untilMs);
      return;
    }
    this.#timers.delete(next);
    this.upstream.nowMs = Math.max(this.nowMs(), next.atMs);
    next.fire();
  }

  /** Advances the time, and runs all work that is due in it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs() + ms;
    while (this.nowMs() < untilMs) await this.step(untilMs);
  }
}
