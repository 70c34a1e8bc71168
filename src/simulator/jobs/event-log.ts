import { type SimulatedEvent } from "./event.js";

/** Returns the event with this index and the time of its arrival; null after the end of the job. */
export type Growth = (index: number) => { readonly dueMs: number; readonly event: SimulatedEvent } | null;

/** The number of filtered views that a log keeps, so that a walk in small pages does not scan again. */
const MAX_VIEWS = 16;

/**
 * The events of one job, sorted oldest first, so that an unfiltered page is a slice.
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

  /** The time of the newest event; null if there is none. */
  get newestMs(): number | null {
    return this.#rows.at(-1)?.timeMs ?? null;
  }

  /** Adds the events that a running job has written until `nowMs`. */
  growUntil(nowMs: number): void {
    for (;;) {
      const next = this.#growth?.(this.#grown);
      if (!next || next.dueMs > nowMs) return;
      this.#grown += 1;
      this.add(next.event);
    }
  }

  /** Inserts `event` after all events with the same or an older time. */
  add(event: SimulatedEvent): void {
    this.#views.clear();
    if ((this.newestMs ?? -Infinity) <= event.timeMs) this.#rows.push(event);
    else this.#rows.splice(this.#firstAfter(event.timeMs), 0, event);
  }

  /** Removes the `count` oldest events. */
  trim(count: number): void {
    this.#views.clear();
    this.#rows.splice(0, count);
  }

  /** The events that pass `matches`, oldest first. Equal filters have the same `key`. */
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
