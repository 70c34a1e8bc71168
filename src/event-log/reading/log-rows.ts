import { type RowRun } from "../../paging/mark.js";
import { blocksFor, type BlockRef, type OffsetUnit } from "../geometry.js";
import { type EventLog } from "../event-log.js";
import { type OperationLoader } from "../operation-loader.js";
import { gapIn, joinRuns } from "../runs.js";
import { compareRuns, endOf, isFull, mayHideShift, type Segment } from "../segment.js";

/** Thrown if rows of one log contradict each other. Parts that were read before `sinceMs` must be read again. */
export class LogChanged extends Error {
  override readonly name = "LogChanged";

  constructor(
    readonly log: EventLog,
    readonly sinceMs: number,
  ) {
    super("The log changed while it was read.");
  }
}

/** The number of events of a log at one moment. */
export type Total = { readonly count: number; readonly atMs: number };

/** The rows of a log that one attempt has read, all of one state, and the total of the newest reading. */
export class LogRows {
  readonly #segments: Segment[] = [];
  /** The latest total with which each segment was read or confirmed. */
  readonly #totals = new Map<Segment, Total>();
  #isMixed = false;
  #total: Total = { count: 0, atMs: -1 };
  #isStale = false;

  /**
   * @param sinceMs the earliest allowed moment of a reading
   * @param isLast whether this is the last attempt. Then only clear signs of a change are an error
   */
  constructor(
    private readonly log: EventLog,
    private readonly reads: Pick<OperationLoader, "startedAtMs" | "raiseFloor">,
    private readonly sinceMs: number,
    private readonly isLast: boolean,
  ) {}

  get isTotalKnown(): boolean {
    return this.#total.atMs >= 0;
  }

  get total(): number {
    return this.#total.count;
  }

  /** When the total was read, in milliseconds since the epoch. */
  get totalAtMs(): number {
    return this.#total.atMs;
  }

  /** Whether some of the rows are stale because the upstream fails or is slow. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Whether the rows come from readings with different totals. */
  get isMixed(): boolean {
    return this.#isMixed;
  }

  /**
   * The total of the state to which the rows below an ordinal belong. A total of other rows can count a late event that
   * has moved these rows. So the total of the highest row's own reading is used, or of a later tail.
   * @param floorMs the log has only grown since then, up to the tail
   */
  totalAt(end: number, tail: Segment | null, floorMs: number): Total {
    const highest = Math.max(0, end - 1);
    let own: Total | null = null;
    let readAtMs = 0;
    for (const [segment, total] of this.#totals) {
      if (highest < segment.start || highest >= endOf(segment) || (own !== null && own.atMs > total.atMs))
        continue;
      if (own === null || own.atMs < total.atMs || own.count < total.count) own = total;
      readAtMs = Math.max(readAtMs, segment.readAtMs);
    }
    if (own === null) return this.#total;
    // A smaller total of a call that began later: the calls overlapped, and its answer came first.
    const isLater =
      tail !== null && tail.readAtMs > own.atMs && tail.total >= own.count && floorMs <= readAtMs;
    return isLater ? { count: tail.total, atMs: tail.readAtMs } : own;
  }

  /** The blocks of a gap, which share a row with the segments on both sides of it. */
  blocksAround(unit: OffsetUnit, { first, last }: { first: number; last: number }): BlockRef[] {
    // An empty reading shares no row; it can be that of an empty log.
    const isNext = this.#segments.some((segment) => segment.rows.length > 0 && endOf(segment) === first);
    const isBefore = this.#segments.some((segment) => segment.start === last + 1);
    return blocksFor(unit, isNext ? first - 1 : first, isBefore ? last + 1 : last);
  }

  /** The missing rows of a range, up to the known total; null if none is missing. */
  gap(first: number, last: number): { first: number; last: number } | null {
    return gapIn(this.#segments, first, this.#total.atMs < 0 ? last : Math.min(last, this.#total.count - 1));
  }

  /** The rows of a range. */
  join(first: number, last: number): RowRun {
    return joinRuns(this.#segments, first, Math.min(last, this.#total.count - 1));
  }

  /** The earliest allowed moment for a block. If it was read but has too few rows, it is older than the total. */
  sinceOf({ start }: BlockRef): number {
    const short = this.#segments.filter((segment) => segment.start === start);
    return Math.max(this.sinceMs, ...short.map(({ readAtMs }) => Math.max(this.#total.atMs, readAtMs + 1)));
  }

  /**
   * Adds a segment if it agrees with the existing ones.
   * @throws LogChanged
   */
  add(segment: Segment, total: number, totalAtMs: number, isStale: boolean): void {
    if (isStale) this.#isStale = true;
    if (this.isTotalKnown && total !== this.#total.count) this.#isMixed = true;
    if (!this.#segments.includes(segment)) {
      this.#compare(segment);
      this.#takeTotal(segment, total, totalAtMs);
      this.#segments.push(segment);
    } else this.#takeTotal(segment, total, totalAtMs);
    this.#totals.set(segment, { count: total, atMs: totalAtMs });
  }

  #compare(segment: Segment): void {
    for (const other of this.#segments) {
      const newerMs = Math.max(segment.readAtMs, other.readAtMs);
      if (mayHideShift(segment, other)) {
        const isOld = Math.min(segment.readAtMs, other.readAtMs) < this.reads.startedAtMs;
        if (isOld) throw new LogChanged(this.log, this.reads.startedAtMs);
        const isOfOneMoment = segment.readAtMs === other.readAtMs;
        if (isOfOneMoment && !this.isLast) throw new LogChanged(this.log, newerMs + 1);
      }
      // If two readings have the same moment, it is not known which one is newer.
      const sinceMs = segment.readAtMs === other.readAtMs ? newerMs + 1 : newerMs;
      if (isTouching(segment, other) || isTouching(other, segment)) throw new LogChanged(this.log, sinceMs);
      if (compareRuns(segment, other) !== "different") continue;
      this.reads.raiseFloor(this.log, sinceMs);
      throw new LogChanged(this.log, sinceMs);
    }
  }

  /**
   * Uses the later total. A smaller total comes from a replica that lags if its rows agree with the earlier ones,
   * because a trim would have shifted them. If no rows overlap, another reading is needed to decide.
   */
  #takeTotal(segment: Segment, total: number, totalAtMs: number): void {
    const { count, atMs } = this.#total;
    if (totalAtMs === atMs || totalAtMs > atMs) {
      if (totalAtMs > atMs && total < count && !this.#isLinked(segment)) {
        throw new LogChanged(this.log, totalAtMs);
      }
      // If both have the same moment and agree, the larger total is the later one, because the log has grown.
      this.#total = { count: Math.max(total, count), atMs: totalAtMs };
    } else if (total > count) {
      // Of two calls that overlap, the one that began first can be answered last.
      if (!this.#isLinked(segment)) throw new LogChanged(this.log, atMs);
      this.#total = { count: total, atMs };
    }
  }

  /** Whether a segment shares rows with another one. All segments here agree. */
  #isLinked(segment: Segment): boolean {
    return this.#segments.some((other) => compareRuns(segment, other) === "same");
  }
}

/**
 * Whether the rows of one reading end exactly where those of another one begin. Full blocks share a row with their
 * neighbours, so the lower reading reaches the end of its log. No shared row shows that the log has only grown since
 * then: its job can have been created again.
 */
function isTouching(lower: Segment, upper: Segment): boolean {
  return lower.rows.length > 0 && !isFull(lower) && endOf(lower) === upper.start && upper.rows.length > 0;
}
