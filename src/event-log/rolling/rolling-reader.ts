import { allOf, type MaybeAsync, waitFor } from "../../common/maybe-async.js";
import { MARK_REACH, needsEarlierRows, type RowRun } from "../../paging/mark.js";
import { type EventLog } from "../event-log.js";
import { BLOCK_ROWS, type BlockRef } from "../geometry.js";
import { LogChanged } from "../reading/log-rows.js";
import { type PageReader } from "../reading/page-reader.js";
import { type OperationLoader } from "../operation-loader.js";
import { endOf, type Segment } from "../segment.js";
import { reachesEnd } from "../store/head.js";
import { shiftBetween } from "./align-runs.js";

/** The number of rows that two runs share, to find the shift between their readings. */
const SHARED_ROWS = 40;
const STRIDE = BLOCK_ROWS - SHARED_ROWS;
/** The largest shift to look for. With it, the shared rows still overlap enough. */
const SHIFT_MAX = SHARED_ROWS - 5;
/** Room for rows that are written before the newest run is read. */
const SLACK_ROWS = 20;
/** Below this ordinal, a page and the rows around its cursor can include the oldest event. */
const NEAR_OLDEST_ROWS = 240;
/** The maximum number of reads that complete a range. */
const ROUNDS_MAX = 4;

type Read = Segment & { readonly isStale: boolean };

/** Rows of a log, by the ordinals of the reading with which they began. */
type State = {
  readonly run: RowRun;
  /**
   * The ordinal after the newest event. It is larger than the total by the events that were trimmed between the readings
   * of the oldest and of the newest rows, and smaller by those that arrived late below the rows that both share.
   */
  readonly end: number;
  /** The number of events of the log, by the reading of the newest rows. */
  readonly total: number;
  /** When that reading began, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly isStale: boolean;
};

/**
 * Reads a log that changes so often that no two calls agree on the ordinals of its events. One call gives the first
 * rows. Rows of other calls are added if they share rows with these, at the ordinals that follow from the shared rows.
 * A request for rows at another place of the log begins again.
 */
export class RollingReader implements PageReader {
  /** Counts are not available for such a log. */
  readonly newestTail = null;
  /** This reader uses no data from before the operation. */
  readonly isFirstHand = true;
  #state: State | null = null;

  /** @param sinceMs the earliest allowed moment of a reading */
  constructor(
    readonly log: EventLog,
    readonly reads: OperationLoader,
    readonly sinceMs: number,
  ) {}

  get asOfMs(): number {
    return this.#state?.atMs ?? -1;
  }

  get isStale(): boolean {
    return this.#state?.isStale ?? false;
  }

  readAnew(): never {
    throw new LogChanged(this.log, Math.max(this.sinceMs, this.#state?.atMs ?? 0) + 1);
  }

  get totalCount(): number {
    return this.#state?.total ?? 0;
  }

  /** The ordinal after the newest event. */
  *total(): MaybeAsync<number> {
    const state = this.#state ?? (yield* this.#begin(0));
    return state.end;
  }

  *newest(): MaybeAsync<number> {
    return (yield* this.#beginAtEnd()).end;
  }

  *newestEnd(): MaybeAsync<void> {
    yield* this.#beginAtEnd();
  }

  *rows(first: number, last: number): MaybeAsync<RowRun> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const state = this.#state;
      const end = state === null ? last : Math.min(last, state.end - 1);
      if (state !== null && (first > end || (state.run.start <= first && endOf(state.run) > end))) {
        return state.run;
      }
      if (state === null || first > endOf(state.run) || end < state.run.start - 1) yield* this.#begin(first);
      else yield* this.#extend(state, first, end);
    }
    return this.readAnew();
  }

  *rowsWithReach(first: number, last: number, reach: number = MARK_REACH): MaybeAsync<RowRun> {
    let run = yield* this.rows(Math.max(0, first - 1), last);
    while (endOf(run) > first && needsEarlierRows(run, first, reach)) {
      run = yield* this.rows(run.start - 1, last);
    }
    return run;
  }

  /**
   * Begins a new state with the existing rows around an ordinal. Near the oldest events, it begins with the oldest
   * ones: if they were read later, some of them could be trimmed by then.
   */
  *#begin(ordinal: number): MaybeAsync<State> {
    const starts = [ordinal < NEAR_OLDEST_ROWS ? 0 : ordinal - SHARED_ROWS];
    for (let start = STRIDE; ordinal < NEAR_OLDEST_ROWS && start + SHARED_ROWS <= ordinal; start += STRIDE) {
      starts.push(start);
    }
    const [base, ...others] = yield* this.#read(starts);
    this.#take(base ?? this.readAnew());
    for (const read of others) this.#join(read);
    return this.#state ?? this.readAnew();
  }

  *#beginAtEnd(): MaybeAsync<State> {
    const hint = yield* waitFor(this.reads.hint(this.log, []));
    let { total } = this.#state ?? { total: hint?.knownTotal ?? (yield* this.#begin(0)).total };
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const [read] = yield* this.#read([Math.max(0, total - BLOCK_ROWS + SLACK_ROWS)]);
      if (read === undefined) break;
      if (reachesEnd(read, read.total) && (read.rows.length > 0 || read.total === 0)) return this.#take(read);
      ({ total } = read);
    }
    return this.readAnew();
  }

  /** Adds the rows that are missing on both sides of a state. */
  *#extend({ run }: State, first: number, last: number): MaybeAsync<void> {
    const below: number[] = [];
    for (let end = run.start; end > first; end -= STRIDE) {
      below.push(Math.max(0, end - STRIDE));
      if (end <= STRIDE) break;
    }
    const above: number[] = [];
    for (let end = endOf(run); end <= last; end += STRIDE) above.push(Math.max(0, end - SHARED_ROWS));
    for (const read of yield* this.#read([...below, ...above])) this.#join(read);
  }

  *#read(starts: readonly number[]): MaybeAsync<Read[]> {
    const sinceMs = Math.max(this.sinceMs, this.reads.startedAtMs);
    const refs = starts.map((start): BlockRef => ({ key: `run:${start}`, start, offset: start }));
    const found = yield* allOf(refs.map((ref) => waitFor(this.reads.block(this.log, ref, sinceMs))));
    return found.map(({ segment, isStale }) => ({ ...segment, isStale }));
  }

  #take({ start, rows, total, readAtMs, isStale }: Read): State {
    this.#state = { run: { start, rows }, end: total, total, atMs: readAtMs, isStale };
    return this.#state;
  }

  /** Adds the rows of another reading that are missing on either side. */
  #join(read: Read): void {
    const state = this.#state;
    if (state === null || read.rows.length === 0) return;
    const { run } = state;
    const shift = shiftBetween(run, read, SHIFT_MAX);
    if (shift === null) this.readAnew();
    const start = read.start + shift;
    const end = read.total + shift;
    // If late events have moved the older rows up, the oldest ones have no ordinal. Then the row at 0 is not joined, so
    // that no page ends there as if it were the oldest one.
    const lowest = start < 0 ? 1 : start;
    const rows = [
      ...read.rows.slice(lowest - start, Math.max(lowest, run.start) - start),
      ...run.rows,
      ...read.rows.slice(Math.max(0, endOf(run) - start)),
    ];
    const joined = { start: Math.min(run.start, lowest), rows };
    // The rows above belong to the reading that brought them, with all late events of that time. So does the end.
    const newest =
      endOf(read) + shift > endOf(run) ? { end, total: read.total, atMs: read.readAtMs } : undefined;
    this.#state = { ...state, ...newest, run: joined, isStale: state.isStale || read.isStale };
  }
}
