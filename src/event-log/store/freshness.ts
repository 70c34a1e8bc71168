import { CLOCK_SKEW_MS } from "../../cache/entry.js";
import { HEAD, type ReadCall } from "../event-log.js";
import { BLOCK_ROWS, type OffsetUnit } from "../geometry.js";
import { isFull, type Segment } from "../segment.js";
import { type Head, isCurrent } from "./head.js";

/** How long what is stored is kept and believed, in milliseconds. */
export type Lifetimes = {
  /** How long what can still change is believed. */
  readonly headTtlMs: number;
  /** How long what no longer can is believed, as long as nothing speaks against it. */
  readonly settledTtlMs: number;
  /** How long after that it may stand in while the upstream fails. */
  readonly staleMs: number;
  /** How long a caller waits for a new reading before the last one stands in. */
  readonly staleWaitMs: number;
};

/** Blocks by page offset share no rows, so that a shift shows in the head alone: they are believed shorter. */
const UNCHECKED_TTL_FACTOR = 5;
/** From this part of its lifetime on, what is asked for is worth renewing ahead. */
export const AGEING = 0.9;
/** No caller makes a log be read again sooner than this, in milliseconds. */
const MAX_AGE_MIN_MS = 500;

/** What a caller accepts. */
type Asking = Pick<ReadCall, "startedAtMs" | "acceptedSinceMs" | "maxAgeMs">;

/** Judges by its age whether a reading may be used. */
export class Freshness {
  constructor(
    private readonly lifetimes: Lifetimes,
    private readonly nowMs: () => number,
  ) {}

  /** The earliest moment at which what can still change must have been read to be believed now. */
  freshSinceMs({ startedAtMs, acceptedSinceMs, maxAgeMs }: Asking): number {
    const sinceMs = Math.min(this.nowMs() - this.lifetimes.headTtlMs, acceptedSinceMs);
    if (maxAgeMs === null) return sinceMs;
    return Math.max(sinceMs, Math.min(startedAtMs - Math.max(maxAgeMs, MAX_AGE_MIN_MS), acceptedSinceMs));
  }

  /** Whether the head may be answered from. */
  isFreshHead(head: Head, sinceMs: number, call: ReadCall): boolean {
    return isCurrent(head) && this.isFreshBlock(head.tail, sinceMs, call);
  }

  /** Whether a block was read lately enough to be believed by itself. */
  isFreshBlock({ readAtMs }: Pick<Segment, "readAtMs">, sinceMs: number, call: ReadCall): boolean {
    // A reading from later than now was dated by another clock, and its age is not known.
    const isPast = readAtMs <= this.nowMs() + CLOCK_SKEW_MS;
    return isPast && readAtMs >= Math.max(sinceMs, this.freshSinceMs(call));
  }

  /**
   * Until when a part answers without anybody being asked, in milliseconds since the epoch. What is full is believed as
   * long as the head that is read beside it; what can change, until it is worth renewing ahead.
   */
  believedUntilMs(part: string, segment: Segment): number {
    const { headTtlMs } = this.lifetimes;
    if (part === HEAD || !isFull(segment)) return segment.readAtMs + AGEING * headTtlMs;
    const isFresh = segment.readAtMs > this.nowMs() - headTtlMs;
    return isFresh ? segment.readAtMs + headTtlMs : Number.POSITIVE_INFINITY;
  }

  /** Whether what can still change was read so long ago that whoever asks soon would have to wait. */
  isAgeing({ readAtMs }: Pick<Segment, "readAtMs">): boolean {
    const { headTtlMs } = this.lifetimes;
    return headTtlMs > 0 && this.nowMs() >= readAtMs + AGEING * headTtlMs;
  }

  /**
   * Whether an expired block is still right if both ends of the log, read again, show that the log only grew since:
   * a full block does not change by growth. The oldest block is
   * itself one of the ends of a longer log.
   */
  isSettledBlock(segment: Segment, unit: OffsetUnit, sinceMs: number): boolean {
    return (
      isFull(segment) &&
      (segment.start > 0 || segment.total === BLOCK_ROWS) &&
      segment.readAtMs >= Math.max(sinceMs, this.nowMs() - this.settledMs(unit))
    );
  }

  /** Whether the oldest rows were read lately enough to show that nothing was trimmed. */
  isFreshOrigin({ origin }: Head, call: ReadCall): boolean {
    return origin !== null && this.isFreshBlock(origin, 0, call);
  }

  /** Whether the rows of a head or block may stand in while the upstream fails. */
  mayStandIn(part: string, segment: Segment, unit: OffsetUnit, sinceMs: number): boolean {
    const { headTtlMs, staleMs } = this.lifetimes;
    const isSettled = part !== HEAD && isFull(segment);
    const lifetimeMs = isSettled ? Math.max(headTtlMs, this.settledMs(unit)) : headTtlMs;
    return segment.readAtMs >= Math.max(sinceMs, this.nowMs() - lifetimeMs - staleMs);
  }

  /** For how long what no longer changes by growth is believed. */
  settledMs(unit: OffsetUnit): number {
    const { headTtlMs, settledTtlMs } = this.lifetimes;
    return unit === "row" ? settledTtlMs : Math.min(settledTtlMs, UNCHECKED_TTL_FACTOR * headTtlMs);
  }
}
