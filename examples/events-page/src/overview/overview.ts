import {
  adviceFor,
  EventHistogramDocument,
  EventOverviewDocument,
  type TrainingJobEventLevel,
  type TrainingJobEventSource,
} from "modelarts-events-client";
import { type Gateway } from "../gateway.js";
import { type Edge } from "../list/event-list.js";
import { filterOf, type View } from "../view.js";
import { type Bars, barsOf, withEvents } from "./bars.js";

type Value = TrainingJobEventLevel | TrainingJobEventSource;

export type OverviewState = {
  /** How many events each chip would show under the rest of the filter. */
  readonly counts: Readonly<Partial<Record<Value, number>>> | null;
  readonly bars: Bars | null;
  /** True until the counts are there, or cannot be had. */
  readonly isLoading: boolean;
};

/** So many buckets keep an operation below the default limit of calls to ModelArts. */
const BUCKETS = 40;
const FEWEST = 6;
const MOST_BARS = 80;
/** New events are added here; the chips' other numbers are asked for again at this interval. */
const REFRESH_MS = 30_000;
const RETRY_MS = 5_000;

/** The numbers of a filter: by level and source for the chips, by time for the histogram. */
export class Overview {
  #state: OverviewState = { counts: null, bars: null, isLoading: true };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly gateway: Gateway,
    private readonly view: View,
  ) {
    void this.#load();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): OverviewState => this.#state;

  /** Counts events that have arrived since. */
  readonly add = (added: readonly Edge[]): void => {
    const { counts, bars } = this.#state;
    if (counts !== null) {
      const grown = { ...counts };
      for (const { node } of added)
        for (const value of [node.level, node.source])
          if (value !== null) grown[value] = (grown[value] ?? 0) + 1;
      this.#set({ counts: grown, ...(bars && { bars: withEvents(bars, added, MOST_BARS) }) });
    }
    this.#loadAfter(bars === null ? 1_000 : REFRESH_MS);
  };

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #load(): Promise<void> {
    this.#timer = undefined;
    try {
      const { counts, bars } = await this.#read();
      this.#set({ counts, bars, isLoading: false });
    } catch (failure) {
      this.#set({ isLoading: false });
      // The list itself reports a failure, with advice.
      const advice = adviceFor(failure);
      if (advice.action === "retry") this.#loadAfter(Math.max(RETRY_MS, advice.afterMs));
    }
  }

  #loadAfter(ms: number): void {
    if (!this.#isClosed) this.#timer ??= setTimeout(() => void this.#load(), ms);
  }

  async #read(): Promise<Pick<OverviewState, "counts" | "bars">> {
    const { gateway, view } = this;
    const filter = filterOf(view, Date.now());
    const parts = Math.max(1, filter.levels?.length ?? 1) * Math.max(1, filter.sources?.length ?? 1);
    const buckets = Math.max(FEWEST, Math.floor(BUCKETS / parts));
    const variables = { id: view.job, projectId: view.project, filter, buckets };
    const { trainingJob } = await gateway.execute(EventOverviewDocument, { ...variables, first: 0 });
    const events = trainingJob?.events;
    if (!events) return { counts: null, bars: null };
    const counts = Object.fromEntries([
      ...events.countByLevel.map(({ level, count }) => [level, count]),
      ...events.countBySource.map(({ source, count }) => [source, count]),
    ]) as OverviewState["counts"];
    this.#set({ counts });
    const [first, last] = [events.histogram[0], events.histogram.at(-1)];
    const marked = async (level: TrainingJobEventLevel) => {
      if (first === undefined || last === undefined) return null;
      if (counts?.[level] === 0 || (filter.levels && !filter.levels.includes(level))) return null;
      const of = { ...variables, filter: { ...filter, levels: [level] }, start: first.start, end: last.end };
      const found = await gateway.execute(EventHistogramDocument, of);
      return found.trainingJob?.events?.histogram ?? null;
    };
    const [warnings, errors] = await Promise.all([marked("WARNING"), marked("ERROR")]);
    return { counts, bars: barsOf(events.histogram, warnings, errors) };
  }

  #set(change: Partial<OverviewState>): void {
    if (this.#isClosed) return;
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
