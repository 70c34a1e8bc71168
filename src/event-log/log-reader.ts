import { GatewayError } from "../errors.js";
import { UNFITTING_ANSWER } from "../modelarts/upstream-error.js";
import { MARK_REACH, needsEarlierRows, type RowRun } from "../paging/mark.js";
import { type Row } from "../paging/row.js";
import { blocksFor, type BlockRef, tailRef } from "./geometry.js";
import { slackOf } from "./store/head.js";
import { type EventLog } from "./event-log.js";
import { type OperationLoader } from "./operation-loader.js";
import { compareRuns, endOf, mayHideShift, type Segment } from "./segment.js";
import { allOf, waitFor, type MaybeAsync } from "../common/maybe-async.js";

/** How often a run of rows is completed with what an answer showed to be missing, before that is a fault. */
const ROUNDS_MAX = 6;

/** Thrown when rows of one log do not fit together: what was read before `sinceMs` is to be read again. */
export class LogChanged extends Error {
  override readonly name = "LogChanged";

  constructor(
    readonly log: EventLog,
    readonly sinceMs: number,
  ) {
    super("The log changed while it was read.");
  }
}

/** Reads one log for one page, so that all rows it gives are of one state of the log. */
export class LogReader {
  readonly #segments: Segment[] = [];
  #total = { count: 0, atMs: -1 };

  /**
   * @param sinceMs the earliest moment at which what is used must have been read
   * @param isLast whether there is no other attempt, so that a mere suspicion has to be borne
   */
  constructor(
    readonly log: EventLog,
    readonly reads: OperationLoader,
    readonly sinceMs: number,
    private readonly isLast: boolean,
  ) {}

  /** Whether all that this reader gives was read since the operation began. */
  get isFirstHand(): boolean {
    return this.sinceMs >= this.reads.startedAtMs;
  }

  /** When the total was read, in milliseconds since the epoch. */
  get asOfMs(): number {
    return this.#total.atMs;
  }

  /** Makes the page start anew with what the upstream says now. */
  readAnew(): never {
    throw new LogChanged(this.log, this.reads.startedAtMs);
  }

  /** How many events the log holds, by the newest reading of this reader; one is made if there is none. */
  *total(): MaybeAsync<number> {
    if (this.#total.atMs < 0) {
      // One call either way: the tail where its place is known, else the first block.
      const hint = yield* waitFor(this.reads.hint(this.log, []));
      if (hint === null) yield* this.#load(blocksFor(this.reads.unit, 0, 0));
      else yield* this.#loadHead();
    }
    return this.#total.count;
  }

  /**
   * How many events the log holds, with its newest `size` rows read in the same round where the last known total
   * allows it.
   */
  *newest(size: number): MaybeAsync<number> {
    const hint = yield* waitFor(this.reads.hint(this.log, []));
    if (hint === null) {
      const total = yield* this.total();
      yield* allOf<unknown>([this.#loadHead(), this.#loadBelowTail(total, 0, size)]);
    } else if (this.reads.isFreshHead(hint, this.sinceMs)) {
      yield* this.#loadHead();
    } else {
      yield* allOf<unknown>([this.#loadHead(), this.#loadBelowTail(hint.knownTotal, slackOf(hint), size)]);
    }
    return this.#total.count;
  }

  /** The newest rows and with them the total, where both are known without a call; else null. */
  *knownTail(): MaybeAsync<RowRun | null> {
    const hint = yield* waitFor(this.reads.hint(this.log, []));
    if (hint === null || !this.reads.isFreshHead(hint, this.sinceMs)) return null;
    return yield* this.#loadHead();
  }

  /** The newest rows; one call where they are not known, or not any more. */
  tail(): MaybeAsync<RowRun> {
    return this.#loadHead();
  }

  /** Reads runs of rows, so that {@link rows} finds them. */
  *prefetch(refs: readonly BlockRef[]): MaybeAsync<void> {
    const hint = yield* waitFor(this.reads.hint(this.log, refs));
    const end = hint?.knownTotal ?? Number.POSITIVE_INFINITY;
    yield* this.#load(refs.filter(({ start }) => start < end));
  }

  /** The rows from `first` to `last`, as far as the log goes; and maybe others around them. */
  *rows(first: number, last: number): MaybeAsync<RowRun> {
    const likely = blocksFor(this.reads.unit, first, last);
    const hint = this.#total.atMs < 0 ? yield* waitFor(this.reads.hint(this.log, likely)) : null;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const known = this.#total.atMs < 0 ? (hint?.knownTotal ?? first + 1) : this.#total.count;
      const gap = this.#gap(first, this.#total.atMs < 0 ? Math.max(first, Math.min(last, known - 1)) : last);
      if (gap === null && this.#total.atMs >= 0) return this.#join(first, last);
      yield* this.#load(gap === null ? [] : blocksFor(this.reads.unit, gap.first, gap.last));
    }
    throw new GatewayError("UPSTREAM_INVALID_RESPONSE", "ModelArts did not give the rows that it counts.", {
      modelArts: UNFITTING_ANSWER,
    });
  }

  /** The same rows, and so many before them as the mark of the first one needs. */
  *rowsWithReach(first: number, last: number, reach: number = MARK_REACH): MaybeAsync<RowRun> {
    // One row before tells in most cases that the second began here; it is asked for in the same round.
    let run = yield* this.rows(Math.max(0, first - 1), last);
    while (endOf(run) > first) {
      run = this.#join(Math.max(0, first - reach), last);
      if (!needsEarlierRows(run, first, reach)) break;
      yield* this.rows(run.start - 1, last);
    }
    return run;
  }

  *#loadHead(): MaybeAsync<RowRun> {
    const { tail } = yield* waitFor(this.reads.head(this.log, this.sinceMs));
    this.#add(tail, tail.total, tail.readAtMs);
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
      refs.map((ref) => waitFor(this.reads.block(this.log, ref, this.#sinceOf(ref)))),
    );
    for (const { segment, total, totalAtMs } of found) this.#add(segment, total, totalAtMs);
  }

  /** A block that was read and still lacks rows is older than the total that counts them, if only by a moment. */
  #sinceOf({ start }: BlockRef): number {
    const short = this.#segments.filter((segment) => segment.start === start);
    return Math.max(this.sinceMs, ...short.map(({ readAtMs }) => Math.max(this.#total.atMs, readAtMs + 1)));
  }

  /** Takes a segment in, if it fits those already there. */
  #add(segment: Segment, total: number, totalAtMs: number): void {
    for (const other of this.#segments) {
      const newerMs = Math.max(segment.readAtMs, other.readAtMs);
      if (mayHideShift(segment, other)) {
        const isOld = Math.min(segment.readAtMs, other.readAtMs) < this.reads.startedAtMs;
        if (isOld) this.readAnew();
        const isOfOneMoment = segment.readAtMs === other.readAtMs;
        if (isOfOneMoment && !this.isLast) throw new LogChanged(this.log, newerMs + 1);
      }
      if (compareRuns(segment, other) !== "different") continue;
      // Of two readings of one moment neither can be told to be the newer one.
      const sinceMs = segment.readAtMs === other.readAtMs ? newerMs + 1 : newerMs;
      this.reads.raiseFloor(this.log, sinceMs);
      throw new LogChanged(this.log, sinceMs);
    }
    this.#segments.push(segment);
    if (totalAtMs < this.#total.atMs) return;
    const isLater = totalAtMs > this.#total.atMs;
    if (isLater && total < this.#total.count) throw new LogChanged(this.log, totalAtMs);
    // Of one moment the larger total is the later one, since the rows of both fit: the log has grown meanwhile.
    this.#total = { count: Math.max(total, this.#total.count), atMs: totalAtMs };
  }

  /** The smallest range that holds all ordinals of the range that no segment has; null when none is missing. */
  #gap(first: number, last: number): { first: number; last: number } | null {
    const end = this.#total.atMs < 0 ? last : Math.min(last, this.#total.count - 1);
    let low = first;
    let high = end;
    const holding = (ordinal: number) =>
      this.#segments.find((segment) => segment.start <= ordinal && ordinal < endOf(segment));
    for (let segment = holding(low); low <= high && segment !== undefined; segment = holding(low)) {
      low = endOf(segment);
    }
    for (let segment = holding(high); high >= low && segment !== undefined; segment = holding(high)) {
      high = segment.start - 1;
    }
    return low > high ? null : { first: low, last: high };
  }

  /** What the segments hold without a break up to `last` or beyond, from `first` on or from as close to it as they go. */
  #join(first: number, last: number): RowRun {
    const end = Math.min(last, this.#total.count - 1);
    const sorted = this.#segments
      .filter((segment) => segment.start <= end && endOf(segment) > first)
      .sort((a, b) => endOf(a) - endOf(b) || b.start - a.start);
    const parts: Segment[] = [];
    let start = end + 1;
    for (let at = sorted.length - 1; at >= 0 && start > first; at -= 1) {
      const segment = sorted[at];
      if (segment === undefined || endOf(segment) < start || segment.start >= start) continue;
      parts.unshift(segment);
      start = segment.start;
    }
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return only;
    const rows: Row[] = [];
    for (const [at, part] of parts.entries()) {
      rows.push(...part.rows.slice(0, (parts[at + 1]?.start ?? end + 1) - part.start));
    }
    return { start, rows };
  }
}
