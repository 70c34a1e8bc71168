import { type SimulatedEvent } from "./event.js";

/** Gives the event with this index, and when it appears in the log; null when the job has ended before it. */
export type Growth = (index: number) => { readonly dueMs: number; readonly event: SimulatedEvent } | null;

/** Bound of the filtered views kept per log; they only spare a walk in small pages from scanning again. */
const MAX_VIEWS = 16;

/**
 * The events of one job, oldest first, kept sorted so that an unfiltered page is a slice.
 * Events of one second keep the order in which they were written.
 */
export class EventLog {
  readonly #rows: SimulatedEvent[];
  readonly #views = new Map<string, readonly SimulatedEvent[]>();
  readonly #growth: Growth | null;
  #grown = 0;

  /** `rows` must already be oldest first. */
  constructor(rows: readonly SimulatedEvent[], growth: Growth | null = null) {
    this.#rows = [...rows];
    this.#growth = growth;
  }

  /** Every event, oldest first. */
  get rows(): readonly SimulatedEvent[] {
    return this.#rows;
  }

  /** The time of the newest event, or null when there is none. */
  get newestMs(): number | null {
    return this.#rows.at(-1)?.timeMs ?? null;
  }

  /** Writes the events that a running job has produced until `nowMs`; for other jobs, nothing. */
  growUntil(nowMs: number): void {
    for (;;) {
      const next = this.#growth?.(this.#grown);
      if (!next || next.dueMs > nowMs) return;
      this.#grown += 1;
      this.add(next.event);
    }
  }

  /** Puts `event` behind all that are as old as it is or older: at the end, unless it arrives late. */
  add(event: SimulatedEvent): void {
    this.#views.clear();
    if ((this.newestMs ?? -Infinity) <= event.timeMs) this.#rows.push(event);
    else this.#rows.splice(this.#firstAfter(event.timeMs), 0, event);
  }

  /** Forgets the `count` oldest events. */
  trim(count: number): void {
    this.#views.clear();
    this.#rows.splice(0, count);
  }

  /** The events that `matches` lets through, oldest first; `key` names the filter, equal for equal filters. */
  filtered(key: string, matches: (event: SimulatedEvent) => boolean): readonly SimulatedEvent[] {
    const known = this.#views.get(key);
    if (known) return known;
    const view = this.#rows.filter(matches);
    if (this.#views.size >= MAX_VIEWS) this.#views.clear();
    this.#views.set(key, view);
    return view;
  }

  #firstAfter(timeMs: number): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#rows[middle]?.timeMs ?? Infinity) <= timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
