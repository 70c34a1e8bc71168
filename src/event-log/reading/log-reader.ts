import { GatewayError } from "../../errors.js";
import { INCONSISTENT_ANSWERS } from "../../modelarts/upstream-error.js";
import { MARK_REACH, needsEarlierRows, type RowRun } from "../../paging/mark.js";
import { BLOCK_ROWS, blocksFor, type BlockRef, firstSlack, tailRef } from "../geometry.js";
import { slackOf } from "../store/head.js";
import { type FoundHead } from "../store/local-blocks.js";
import { type EventLog } from "../event-log.js";
import { type OperationLoader } from "../operation-loader.js";
import { LogChanged, LogRows, type Total } from "./log-rows.js";
import { endOf, type Segment } from "../segment.js";
import { allOf, waitFor, type MaybeAsync } from "../../common/maybe-async.js";

/** The maximum number of reads that complete a range of rows. Then missing rows are an error. */
const ROUNDS_MAX = 6;
/** The number of rounds after which the newest end is read, too. */
const LAGGING_ROUNDS = 2;

/** Reads one log for one page. All its rows come from one state of the log. */
export class LogReader {
  readonly collected: LogRows;
  /** The last reading of the tail. */
  #newestTail: Segment | null = null;

  /**
   * @param sinceMs the earliest allowed moment of a reading
   * @param isLast whether this is the last attempt. Then only clear signs of a change are an error
   */
  constructor(
    readonly log: EventLog,
    readonly reads: OperationLoader,
    readonly sinceMs: number,
    isLast: boolean,
  ) {
    this.collected = new LogRows(log, reads, sinceMs, isLast);
  }

  /** Whether all rows of this reader were read since the operation began. */
  get isFirstHand(): boolean {
    return this.sinceMs >= this.reads.startedAtMs;
  }

  /** The number of events of the log, if a reading has shown it. */
  get totalCount(): number {
    return this.collected.total;
  }

  /** When the total was read, in milliseconds since the epoch. */
  get asOfMs(): number {
    return this.collected.totalAtMs;
  }

  /** Whether a part of this reader is stale because the upstream fails or is slow. */
  get isStale(): boolean {
    return this.collected.isStale;
  }

  /** The newest rows, if they have been read. */
  get newestTail(): Segment | null {
    return this.#newestTail;
  }

  /** Starts the page again with new upstream reads. */
  readAnew(): never {
    throw new LogChanged(this.log, this.reads.startedAtMs);
  }

  /** The number of events of the log, by the newest reading of this reader. Without a reading, it makes one. */
  *total(): MaybeAsync<number> {
    if (!this.collected.isTotalKnown) {
      // One call in both cases: the tail if its place is known, otherwise the first block.
      const hint = yield* waitFor(this.reads.hint(this.log, []));
      if (hint === null) yield* this.#load(blocksFor(this.reads.unit, 0, 0));
      else yield* this.#loadHead(0);
    }
    return this.collected.total;
  }

  /** The total of the state to which the rows below an ordinal belong. */
  *totalAt(end: number): MaybeAsync<Total> {
    const head = yield* waitFor(this.reads.hint(this.log, []));
    return this.collected.totalAt(end, this.#newestTail, head?.floorMs ?? 0);
  }

  /**
   * The number of events of the log. If the total is known from before, the newest `size` rows are read at the same
   * time.
   */
  *newest(size: number): MaybeAsync<number> {
    if ((yield* this.knownTail(size)) !== null) return this.collected.total;
    const hint = yield* waitFor(this.reads.hint(this.log, []));
    const total = hint === null ? yield* this.total() : hint.knownTotal;
    const slack = hint !== null ? slackOf(hint) : total > BLOCK_ROWS ? firstSlack(size) : 0;
    yield* allOf<unknown>([this.#loadHead(size), this.#loadBelowTail(total, slack, size)]);
    return this.collected.total;
  }

  /** The newest rows with the total, if both are known without a call; otherwise null. */
  *knownTail(size = BLOCK_ROWS): MaybeAsync<RowRun | null> {
    const local = this.#isShort ? null : this.reads.localHead(this.log, this.sinceMs);
    if (local !== null) return this.#takeHead(local);
    const hint = yield* waitFor(this.reads.hint(this.log, []));
    if (hint === null || !this.reads.isFreshHead(hint, this.sinceMs)) return null;
    return yield* this.#loadHead(size);
  }

  /** The newest rows. One call if they are not known or too old. */
  tail(): MaybeAsync<RowRun> {
    return this.#loadHead(BLOCK_ROWS);
  }

  /** Reads runs of rows, so that {@link rows} finds them. */
  *prefetch(refs: readonly BlockRef[]): MaybeAsync<void> {
    const hint = yield* waitFor(this.reads.hint(this.log, refs));
    const end = hint?.knownTotal ?? Number.POSITIVE_INFINITY;
    yield* this.#load(refs.filter(({ start }) => start < end));
  }

  /** The existing rows from `first` to `last`, and possibly others around them. */
  *rows(first: number, last: number): MaybeAsync<RowRun> {
    const hint = !this.collected.isTotalKnown
      ? yield* waitFor(this.reads.hint(this.log, blocksFor(this.reads.unit, first, last)))
      : null;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const { isTotalKnown } = this.collected;
      const likelyEnd = hint?.knownTotal ?? first + 1;
      const gap = this.collected.gap(
        first,
        isTotalKnown ? last : Math.max(first, Math.min(last, likelyEnd - 1)),
      );
      if (gap === null && isTotalKnown) return this.collected.join(first, last);
      // A replica that lags may not return rows that are already known.
      if (round >= LAGGING_ROUNDS) yield* this.#loadHead(0);
      if (gap !== null) yield* this.#loadGap(gap);
      else yield* this.#load([]);
    }
    // Rows from before the operation can belong to a log that was trimmed or created again since.
    if (!this.isFirstHand) this.readAnew();
    throw new GatewayError("UPSTREAM_INVALID_RESPONSE", "ModelArts returned fewer rows than its total.", {
      modelArts: INCONSISTENT_ANSWERS,
    });
  }

  /** The same rows, and the earlier rows that the mark of the first one needs. */
  *rowsWithReach(first: number, last: number, reach: number = MARK_REACH): MaybeAsync<RowRun> {
    // One earlier row usually shows that the second begins here. It is read at the same time.
    let run = yield* this.rows(Math.max(0, first - 1), last);
    while (endOf(run) > first) {
      run = this.collected.join(Math.max(0, first - reach), last);
      if (!needsEarlierRows(run, first, reach)) break;
      yield* this.rows(run.start - 1, last);
    }
    return run;
  }

  /** Ensures that no event of the known newest rows is missing. */
  *newestEnd(): MaybeAsync<void> {
    yield* this.#loadHead(0);
  }

  *#loadHead(size: number): MaybeAsync<RowRun> {
    const readAtMs = this.#newestTail?.readAtMs ?? 0;
    const sinceMs = this.#isShort ? Math.max(this.collected.totalAtMs, readAtMs + 1) : this.sinceMs;
    return this.#takeHead(yield* waitFor(this.reads.head(this.log, sinceMs, size)));
  }

  #takeHead({ tail, isStale }: FoundHead): Segment {
    this.collected.add(tail, tail.total, tail.readAtMs, isStale === true);
    this.#newestTail = tail;
    return tail;
  }

  /** Whether a block shows a larger total, so that the earlier reading of the newest end is out of date. */
  get #isShort(): boolean {
    return this.#newestTail !== null && this.#newestTail.total < this.collected.total;
  }

  /** Reads the blocks that the newest `size` rows need in addition to the tail. */
  *#loadBelowTail(total: number, slack: number, size: number): MaybeAsync<void> {
    const tail = tailRef(this.reads.unit, total, slack);
    const first = Math.max(0, total - size);
    if (first < tail.start) yield* this.#load(blocksFor(this.reads.unit, first, tail.start - 1));
  }

  *#load(refs: readonly BlockRef[]): MaybeAsync<void> {
    const found = yield* allOf(
      refs.map((ref) => waitFor(this.reads.block(this.log, ref, this.collected.sinceOf(ref)))),
    );
    for (const { segment, total, totalAtMs, isStale } of found) {
      this.collected.add(segment, total, totalAtMs, isStale);
    }
  }

  /**
   * Reads the missing rows of a gap. The block at the newest end changes while the log grows, and the head has its
   * rows. If that block would have to be read again, the head is read instead, because the other blocks depend on it.
   */
  *#loadGap(gap: { first: number; last: number }): MaybeAsync<void> {
    const refs = this.collected.blocksAround(this.reads.unit, gap);
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
    if (isBeyond || isBlock || this.reads.isLocal(this.log, highest, this.collected.sinceOf(highest))) {
      return yield* this.#load(refs);
    }
    yield* allOf<unknown>([
      this.#loadHead(0),
      this.#load(refs.filter(({ start }) => start < tail.start && start < highest.start)),
    ]);
  }
}
