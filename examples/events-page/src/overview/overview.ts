import {
  adviceFor,
  EventCountsDocument,
  type EventCountsQuery,
  EventHistogramDocument,
  type TrainingJobEventFilter,
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

/** ModelArts is called once for each bucket, and again for those of warnings and of errors. */
const MOST_BUCKETS = 30;
const FEWEST_BUCKETS = 6;
const BUCKET_PIXELS = 44;
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

  /** @param opened the numbers wait for this, so that the first events do not wait for the numbers */
  constructor(
    private readonly gateway: Gateway,
    private readonly view: View,
    opened: Promise<void>,
  ) {
    void opened.then(() => this.#load());
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
    if (this.#isClosed) return;
    try {
      await this.#read();
      this.#set({ isLoading: false });
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

  async #read(): Promise<void> {
    const { gateway, view } = this;
    const filter = filterOf(view, Date.now());
    const variables = { id: view.job, projectId: view.project, filter };
    const { trainingJob } = await gateway.execute(EventCountsDocument, variables);
    const counts = trainingJob?.events ? countsOf(trainingJob.events) : null;
    this.#set({ counts });
    // New events are added to the bars one by one, so these are read once.
    if (this.#state.bars !== null) return;
    const histogram = async (of: object) => {
      const buckets = bucketsOf(filter);
      const found = await gateway.execute(EventHistogramDocument, { ...variables, buckets, ...of });
      return found.trainingJob?.events?.histogram ?? [];
    };
    const all = await histogram({});
    const [start, end] = [all[0]?.start, all.at(-1)?.end];
    const marked = async (level: TrainingJobEventLevel) => {
      if (start === undefined || counts?.[level] === 0) return null;
      if (filter.levels && !filter.levels.includes(level)) return null;
      return histogram({ filter: { ...filter, levels: [level] }, start, end });
    };
    const [warnings, errors] = await Promise.all([marked("WARNING"), marked("ERROR")]);
    this.#set({ bars: barsOf(all, warnings, errors) });
  }

  #set(change: Partial<OverviewState>): void {
    if (this.#isClosed) return;
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

type Counted = NonNullable<NonNullable<EventCountsQuery["trainingJob"]>["events"]>;

function countsOf({ countByLevel, countBySource }: Counted): OverviewState["counts"] {
  return Object.fromEntries([
    ...countByLevel.map(({ level, count }) => [level, count]),
    ...countBySource.map(({ source, count }) => [source, count]),
  ]) as OverviewState["counts"];
}

/** As many as the window has room for. A filter of several parts needs the calls for each of them. */
function bucketsOf({ levels, sources }: TrainingJobEventFilter): number {
  const parts = Math.max(1, levels?.length ?? 1) * Math.max(1, sources?.length ?? 1);
  const most = Math.min(MOST_BUCKETS, Math.floor(innerWidth / BUCKET_PIXELS));
  return Math.max(FEWEST_BUCKETS, Math.floor(most / parts));
}
