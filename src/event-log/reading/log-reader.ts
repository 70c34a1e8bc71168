import { GatewayError } from "../../errors.js";
import { INCONSISTENT_ANSWERS } from "../../modelarts/upstream-error.js";
import { MARK_REACH, needsEarlierRows, type RowRun } from "../../paging/mark.js";
import { BLOCK_ROWS, blocksFor, type BlockRef, tailRef } from "../geometry.js";
import { slackOf } from "../store/head.js";
import { type EventLog } from "../event-log.js";
import { type OperationLoader } from "../operation-loader.js";
import { LogChanged, LogRows } from "./log-rows.js";
import { endOf, type Segment } from "../segment.js";
import { allOf, waitFor, type MaybeAsync } from "../../common/maybe-async.js";

/** How often a run of rows is completed with what an answer showed to be missing, before that is a fault. */
const ROUNDS_MAX = 6;
/** After so many rounds the newest end is read, too. */
const LAGGING_ROUNDS = 2;

/** What a page is read by: rows of one state of a log, by their ordinals in it. */
export type PageReader = Pick<
  LogReader,
  | "log"
  | "reads"
  | "isFirstHand"
  | "asOfMs"
  | "isStale"
  | "newestTail"
  | "readAnew"
  | "total"
  | "newest"
  | "newestEnd"
  | "rows"
  | "rowsWithReach"
>;

/** Reads one log for one page, so that all rows it gives are of one state of the log. */
export class LogReader {
  readonly #rows: LogRows;
  /** The tail as it was read last. */
  #newestTail: Segment | null = null;

  /**
   * @param sinceMs the earliest moment at which what is used must have been read
   * @param isLast whether there is no other attempt, so that a mere suspicion has to be borne
   */
  constructor(
    readonly log: EventLog,
    readonly reads: OperationLoader,
    readonly sinceMs: number,
    isLast: boolean,
  ) {
    this.#rows = new LogRows(log, reads, sinceMs, isLast);
  }

  /** Whether all that this reader gives was read since the operation began. */
  get isFirstHand(): boolean {
    return this.sinceMs >= this.reads.startedAtMs;
  }

  /** When the total was read, in milliseconds since the epoch. */
  get asOfMs(): number {
    return this.#rows.totalAtMs;
  }

  /** Whether something that this reader gives stands in after its lifetime because the upstream fails. */
  get isStale(): boolean {
    return this.#rows.isStale;
  }

  /** The newest rows, if they have been read. */
  get newestTail(): RowRun | null {
    return this.#newestTail;
  }

  /** Makes the page start anew with what the upstream says now. */
  readAnew(): never {
    throw new LogChanged(this.log, this.reads.startedAtMs);
  }

  /** How many events the log holds, by the newest reading of this reader; one is made if there is none. */
  *total(): MaybeAsync<number> {
    if (!this.#rows.isTotalKnown) {
      // One call either way: the tail where its place is known, else the first block.
      const hint = yield* waitFor(this.reads.hint(this.log, []));
      if (hint === null) yield* this.#load(blocksFor(this.reads.unit, 0, 0));
      else yield* this.#loadHead(0);
    }
    return this.#rows.total;
  }

  /**
   * How many events the log holds, with its newest `size` rows read in the same round where the last known total
   * allows it.
   */
  *newest(size: number): MaybeAsync<number> {
    const hint = yield* waitFor(this.reads.hint(this.log, []));
    if (hint === null) {
      const total = yield* this.total();
      yield* allOf<unknown>([this.#loadHead(size), this.#loadBelowTail(total, 0, size)]);
    } else if (this.reads.isFreshHead(hint, this.sinceMs)) {
      yield* this.#loadHead(size);
    } else {
      yield* allOf<unknown>([
        this.#loadHead(size),
        this.#loadBelowTail(hint.knownTotal, slackOf(hint), size),
      ]);
    }
    return this.#rows.total;
  }

  /** The newest rows and with them the total, where both are known without a call; else null. */
  *knownTail(): MaybeAsync<RowRun | null> {
    const hint = yield* waitFor(this.reads.hint(this.log, []));
    if (hint === null || !this.reads.isFreshHead(hint, this.sinceMs)) return null;
    return yield* this.#loadHead(BLOCK_ROWS);
  }

  /** The newest rows; one call where they are not known, or not any more. */
  tail(): MaybeAsync<RowRun> {
    return this.#loadHead(BLOCK_ROWS);
  }

  /** Reads runs of rows, so that {@link rows} finds them. */
  *prefetch(refs: readonly BlockRef[]): MaybeAsync<void> {
    const hint = yield* waitFor(this.reads.hint(this.log, refs));
    const end = hint?.knownTotal ?? Number.POSITIVE_INFINITY;
    yield* this.#load(refs.filter(({ start }) => start < end));
  }

  /** The rows from `first` to `last`, as far as the log goes; and maybe others around them. */
  *rows(first: number, last: number): MaybeAsync<RowRun> {
    const hint = !this.#rows.isTotalKnown
      ? yield* waitFor(this.reads.hint(this.log, blocksFor(this.reads.unit, first, last)))
      : null;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const known = !this.#rows.isTotalKnown ? (hint?.knownTotal ?? first + 1) : this.#rows.total;
      const gap = this.#rows.gap(
        first,
        !this.#rows.isTotalKnown ? Math.max(first, Math.min(last, known - 1)) : last,
      );
      if (gap === null && this.#rows.isTotalKnown) return this.#rows.join(first, last);
      // A replica that lags may not give what the newest end is known to have.
      if (round >= LAGGING_ROUNDS) yield* this.#loadHead(0);
      if (gap !== null) yield* this.#loadGap(gap);
      else yield* this.#load([]);
    }
    throw new GatewayError("UPSTREAM_INVALID_RESPONSE", "ModelArts did not give the rows that it counts.", {
      modelArts: INCONSISTENT_ANSWERS,
    });
  }

  /** The same rows, and so many before them as the mark of the first one needs. */
  *rowsWithReach(first: number, last: number, reach: number = MARK_REACH): MaybeAsync<RowRun> {
    // One row before tells in most cases that the second began here; it is asked for in the same round.
    let run = yield* this.rows(Math.max(0, first - 1), last);
    while (endOf(run) > first) {
      run = this.#rows.join(Math.max(0, first - reach), last);
      if (!needsEarlierRows(run, first, reach)) break;
      yield* this.rows(run.start - 1, last);
    }
    return run;
  }

  /** Makes sure that no event is missing that the newest end is known to have. */
  *newestEnd(): MaybeAsync<void> {
    yield* this.#loadHead(0);
  }

  *#loadHead(size: number): MaybeAsync<RowRun> {
    // What the operation has read of the end before is of no use where a block counts more events.
    const head = this.#newestTail;
    const isShort = head !== null && head.total < this.#rows.total;
    const sinceMs = isShort ? Math.max(this.#rows.totalAtMs, head.readAtMs + 1) : this.sinceMs;
    const { tail, isStale } = yield* waitFor(this.reads.head(this.log, sinceMs, size));
    this.#rows.add(tail, tail.total, tail.readAtMs, isStale === true);
    this.#newestTail = tail;
    return tail;
  }

  /** Reads what the newest `size` rows need beside the tail. */
  *#loadBelowTail(total: number, slack: number, size: number): MaybeAsync<void> {
    const tail = tailRef(this.reads.unit, total, slack);
    const first = Math.max(0, total - size);
    if (first < tail.start) yield* this.#load(blocksFor(this.reads.unit, first, tail.start - 1));
  }

  *#load(refs: readonly BlockRef[]): MaybeAsync<void> {
    const found = yield* allOf(
      refs.map((ref) => waitFor(this.reads.block(this.log, ref, this.#rows.sinceOf(ref)))),
    );
    for (const { segment, total, totalAtMs, isStale } of found) {
      this.#rows.add(segment, total, totalAtMs, isStale);
    }
  }

  /**
   * Reads the rows of a gap. The block at the newest end changes while the log grows, and the head has its rows: where
   * that block would have to be read again, the head is read in its place, which the other blocks depend on anyway.
   */
  *#loadGap(gap: { first: number; last: number }): MaybeAsync<void> {
    const refs = this.#rows.blocksAround(this.reads.unit, gap);
    const highest = refs.at(-1);
    const head = highest === undefined ? null : yield* waitFor(this.reads.hint(this.log, []));
    if (head === null || highest === undefined || highest.start + BLOCK_ROWS <= head.knownTotal) {
      return yield* this.#load(refs);
    }
    const isFresh = this.reads.isFreshHead(head, this.sinceMs);
    const tail = isFresh ? head.tail : tailRef(this.reads.unit, head.knownTotal, slackOf(head));
    const isBeyond = gap.last >= head.knownTotal;
    const isSameCall = !isFresh && tail.start === highest.start;
    const isBlock = isSameCall || (tail.start > highest.start && tail.start > gap.first);
    if (isBeyond || isBlock || this.reads.isNear(this.log, highest, this.#rows.sinceOf(highest))) {
      return yield* this.#load(refs);
    }
    yield* allOf<unknown>([
      this.#loadHead(0),
      this.#load(refs.filter(({ start }) => start < tail.start && start < highest.start)),
    ]);
  }
}
