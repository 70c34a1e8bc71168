import { CLOCK_SKEW_MS } from "../../cache/entry.js";
import { HEAD, type ReadCall } from "../event-log.js";
import { type OffsetUnit } from "../geometry.js";
import { isFull, type Segment } from "../segment.js";
import { type Head, isCurrent } from "./head.js";

/** The lifetimes of stored parts, in milliseconds. */
export type Lifetimes = {
  /** The lifetime of parts that can change when the log grows. */
  readonly headTtlMs: number;
  /** The lifetime of settled blocks. */
  readonly settledTtlMs: number;
  /** How long after `headTtlMs` a reading may be used as stale while the upstream fails or is slow. */
  readonly staleMs: number;
  /** How long a caller waits for a new reading before it gets the last one as stale. */
  readonly staleWaitMs: number;
};

/**
 * Blocks with page offsets share no rows, so only the head shows a shift. Their lifetime is this number of head
 * lifetimes.
 */
const UNCHECKED_TTL_FACTOR = 5;
/** The fraction of its lifetime after which a requested part is refreshed ahead. */
export const REFRESH_AHEAD_RATIO = 0.9;
/** The smallest `max-age` of a caller that has an effect, in milliseconds. */
const MAX_AGE_MIN_MS = 500;

/** The age of data that a caller accepts. */
type AcceptedAge = Pick<ReadCall, "startedAtMs" | "acceptedSinceMs" | "maxAgeMs">;

/** Decides by its age whether a reading may be used. */
export class Freshness {
  constructor(
    private readonly lifetimes: Lifetimes,
    private readonly nowMs: () => number,
  ) {}

  /** The earliest moment of a reading that is fresh now, for parts that can change when the log grows. */
  freshSinceMs({ startedAtMs, acceptedSinceMs, maxAgeMs }: AcceptedAge): number {
    const sinceMs = Math.min(this.nowMs() - this.lifetimes.headTtlMs, acceptedSinceMs);
    if (maxAgeMs === null) return sinceMs;
    return Math.max(sinceMs, Math.min(startedAtMs - Math.max(maxAgeMs, MAX_AGE_MIN_MS), acceptedSinceMs));
  }

  /** Whether answers may use the head. */
  isFreshHead(head: Head, sinceMs: number, call: ReadCall): boolean {
    return isCurrent(head) && this.isFreshBlock(head.tail, sinceMs, call);
  }

  /** Whether a block is fresh by its own age. */
  isFreshBlock({ readAtMs }: Pick<Segment, "readAtMs">, sinceMs: number, call: ReadCall): boolean {
    // A reading with a moment in the future has another clock, so its age is unknown.
    const isPast = readAtMs <= this.nowMs() + CLOCK_SKEW_MS;
    return isPast && readAtMs >= Math.max(sinceMs, this.freshSinceMs(call));
  }

  /**
   * The end of a part's validity without a further read, in milliseconds since the epoch. A full block is valid as long
   * as the head that is used with it. Other parts are valid until they are refreshed ahead.
   */
  validUntilMs(part: string, segment: Segment): number {
    const { headTtlMs } = this.lifetimes;
    if (part === HEAD || !isFull(segment)) return segment.readAtMs + REFRESH_AHEAD_RATIO * headTtlMs;
    const isFresh = segment.readAtMs > this.nowMs() - headTtlMs;
    return isFresh ? segment.readAtMs + headTtlMs : Number.POSITIVE_INFINITY;
  }

  /** Whether a part is in the last part of its lifetime, so that it should be refreshed ahead. */
  shouldRefreshAhead({ readAtMs }: Pick<Segment, "readAtMs">): boolean {
    const { headTtlMs } = this.lifetimes;
    return headTtlMs > 0 && this.nowMs() >= readAtMs + REFRESH_AHEAD_RATIO * headTtlMs;
  }

  /**
   * Whether an expired block is still valid if both ends of the log are read again and show that the log has only
   * grown. Growth does not change a full block. The oldest block is itself an end of the log, so it is read again.
   */
  isSettledBlock(segment: Segment, unit: OffsetUnit, sinceMs: number): boolean {
    return (
      isFull(segment) &&
      segment.start > 0 &&
      segment.readAtMs >= Math.max(sinceMs, this.nowMs() - this.settledMs(unit))
    );
  }

  /**
   * Whether the last reading of the oldest rows is fresh. This alone does not show that nothing was trimmed: the readings
   * since the block was read must also agree.
   */
  hasFreshOldestRows({ oldestRows }: Head, call: ReadCall): boolean {
    return oldestRows !== null && this.isFreshBlock(oldestRows, 0, call);
  }

  /**
   * The earliest moment of a reading that may be used as stale while the upstream fails or is slow. It is the same for
   * all parts: without a new head, nothing shows that a settled block is still valid.
   */
  staleSinceMs(): number {
    const { headTtlMs, staleMs } = this.lifetimes;
    return this.nowMs() - headTtlMs - staleMs;
  }

  /** The lifetime of blocks that growth does not change. */
  settledMs(unit: OffsetUnit): number {
    const { headTtlMs, settledTtlMs } = this.lifetimes;
    return unit === "row" ? settledTtlMs : Math.min(settledTtlMs, UNCHECKED_TTL_FACTOR * headTtlMs);
  }
}
