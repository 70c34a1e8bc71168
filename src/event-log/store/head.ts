import { type RowRun } from "../../paging/mark.js";
import { compareRuns, endOf, type Segment } from "../segment.js";

/** Room that a reading of the tail leaves for rows written since the total was last known: least and most. */
const SLACK_ROWS_MIN = 20;
const SLACK_ROWS_MAX = 50;

/**
 * The newest end of a log when it was last read, and since when the log only grew. It is renewed by reading the
 * tail again, and remembered far longer than it is good for an answer: as a hint of where the end is.
 */
export type Head = {
  readonly tail: Segment;
  /** Segments read before this moment may be of another state of the log: something slipped in or was cut off. */
  readonly floorMs: number;
  /** How many events came between the last two readings. */
  readonly growth: number;
  /** The total of the newest reading of any of the log's segments; not the tail's when that is out of date. */
  readonly knownTotal: number;
};

/** The head of a log not seen lately, whose reading began at `floorMs`. */
export function firstHead(tail: Segment, floorMs: number): Head {
  return { tail, floorMs, growth: 0, knownTotal: tail.total };
}

/**
 * The head after a new reading of the tail.
 * @param linked whether the new reading is known to continue the previous one although their rows are apart
 */
export function nextHead(previous: Head, tail: Segment, linked: boolean): Head {
  const compared = compareRuns(previous.tail, tail);
  const unbroken = compared === "same" || (compared === "apart" && linked);
  return {
    tail,
    floorMs: unbroken && tail.total >= previous.tail.total ? previous.floorMs : tail.readAtMs,
    growth: Math.max(0, tail.total - previous.tail.total),
    knownTotal: tail.total,
  };
}

/**
 * The head after another segment was read, where there is one or the segment is the whole log.
 * @param replaced the reading of the same rows before this one, where there is one
 * @returns null where the segment tells nothing new
 */
export function headAfter(head: Head | null, read: Segment, replaced: Segment | null): Head | null {
  if (head === null) {
    return read.start === 0 && reachesEnd(read, read.total) ? firstHead(read, read.readAtMs) : null;
  }
  // Calls that begin side by side may be answered in any order: of one moment, more events are news, and fewer are not.
  const sinceTailMs = read.readAtMs - head.tail.readAtMs;
  const isBroken =
    (replaced !== null && compareRuns(replaced, read) === "different") ||
    (sinceTailMs > 0 && read.total < head.knownTotal) ||
    (sinceTailMs >= 0 && compareRuns(head.tail, read) === "different");
  if (isBroken) return { ...withFloor(head, read.readAtMs), knownTotal: read.total };
  const isNews = sinceTailMs >= 0 && read.total > head.knownTotal;
  return isNews ? { ...head, knownTotal: read.total } : null;
}

/** The head of a log that did not only grow up to this moment. */
export function withFloor(head: Head, floorMs: number): Head {
  return head.floorMs >= floorMs ? head : { ...head, floorMs };
}

/** Whether the tail still is the newest state of the log that is known. */
export function isCurrent(head: Head): boolean {
  return head.tail.total === head.knownTotal && head.tail.readAtMs >= head.floorMs;
}

/** How many rows more than the last total the next reading of the tail should have room for. */
export function slackOf(head: Head): number {
  return Math.min(SLACK_ROWS_MAX, Math.max(SLACK_ROWS_MIN, 2 * head.growth));
}

/** Whether a run reaches the newest event of a log of `total` events. */
export function reachesEnd(run: RowRun, total: number): boolean {
  return endOf(run) >= total;
}
