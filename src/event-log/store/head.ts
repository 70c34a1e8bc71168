import { type RowRun } from "../../paging/mark.js";
import { SLACK_ROWS_MIN } from "../geometry.js";
import { compareRuns, endOf, mayHideShift, type Segment } from "../segment.js";
import { hasSameOldestRows, type OldestRows, oldestRowsOf, renewedOldestRows } from "./oldest-rows.js";

/** The largest slack of a tail: room for rows that were written since the total was last known. */
const SLACK_ROWS_MAX = 50;

/**
 * How long a smaller total with equal rows counts as the answer of a replica that lags, in milliseconds. After that,
 * the log counts as shrunk.
 */
const LAG_MAX_MS = 5_000;

/**
 * The newest end of a log at its last reading, and the moment since which the log has only grown. It is renewed by
 * reading the tail again. It is kept much longer than it is fresh, as a hint where the end is.
 */
export type Head = {
  readonly tail: Segment;
  /**
   * Segments read before this moment can belong to another state of the log, because an event was inserted or trimmed.
   */
  readonly floorMs: number;
  /**
   * When the reading that raised the floor was complete. Readings that began between the floor and this moment can
   * still show the state before the change, so they never count as settled.
   */
  readonly changedMs: number;
  /** The growth of the log between the last two readings. */
  readonly growth: number;
  /**
   * The total of the newest reading of any segment of the log. It differs from the tail's total if the tail is out of
   * date.
   */
  readonly knownTotal: number;
  /** When the upstream last answered with the total of the tail. */
  readonly seenAtMs: number;
  /** The last reading of the oldest rows; null if they were not read. */
  readonly oldestRows: OldestRows | null;
};

/** The moments of the last change of a log that was not growth. */
export type Change = Pick<Head, "floorMs" | "changedMs">;

/** A reading, and a moment at which it was complete. */
export type Reading = { readonly segment: Segment; readonly completeMs: number };

/**
 * The first head of a log.
 * @param nowMs a moment after the reading of the tail
 * @param earlierReadings earlier readings of the oldest rows, the latest one last
 */
export function firstHead(tail: Segment, nowMs: number, earlierReadings: readonly Reading[]): Head {
  const oldestReadings =
    tail.start === 0 ? [...earlierReadings, { segment: tail, completeMs: nowMs }] : earlierReadings;
  const latest = oldestReadings.at(-1);
  let sinceMs = latest?.completeMs ?? 0;
  let floorMs = tail.readAtMs;
  let changedMs = nowMs;
  // A log with the same total has not changed, unless it was trimmed. A trim changes the oldest rows.
  for (const { segment, completeMs } of [...oldestReadings].reverse()) {
    if (segment.total !== tail.total || compareRuns(segment, tail) === "different") break;
    sinceMs = Math.min(sinceMs, completeMs);
    floorMs = Math.min(floorMs, segment.readAtMs);
    changedMs = Math.min(changedMs, completeMs);
  }
  return {
    tail,
    floorMs,
    changedMs,
    growth: 0,
    knownTotal: tail.total,
    seenAtMs: tail.readAtMs,
    oldestRows: latest === undefined ? null : oldestRowsOf(latest.segment, sinceMs),
  };
}

/**
 * The head after a new reading of the tail.
 * @param nowMs a moment after the reading
 * @param between readings between the previous one and this one, which connect the two if they share no rows
 */
export function nextHead(previous: Head, tail: Segment, nowMs: number, between: Segment | null = null): Head {
  if (isLagging(previous, tail)) {
    const knownTotal = previous.tail.total;
    return { ...previous, tail: { ...previous.tail, readAtMs: tail.readAtMs }, knownTotal };
  }
  const isUnbroken = tail.total >= previous.tail.total && isLinked(previous.tail, tail, between);
  return {
    tail,
    floorMs: isUnbroken ? previous.floorMs : Math.max(previous.floorMs, tail.readAtMs),
    changedMs: isUnbroken ? previous.changedMs : Math.max(previous.changedMs, nowMs),
    growth: Math.max(0, tail.total - previous.tail.total),
    knownTotal: tail.total,
    seenAtMs: tail.readAtMs,
    oldestRows: tail.start === 0 ? oldestRowsAfter(previous.oldestRows, tail, nowMs) : previous.oldestRows,
  };
}

/**
 * Whether a reading with a smaller total comes from a replica that lags: its rows agree with the known ones, which a
 * trim would have shifted.
 */
function isLagging({ tail: known, seenAtMs }: Head, read: Segment): boolean {
  if (read.total >= known.total || read.readAtMs - seenAtMs > LAG_MAX_MS) return false;
  return compareRuns(known, read) === "same" && !mayHideShift(known, read);
}

function isLinked(previous: Segment, tail: Segment, between: Segment | null): boolean {
  const compared = compareRuns(previous, tail);
  if (compared !== "apart" || between === null) return compared === "same";
  return compareRuns(previous, between) === "same" && compareRuns(between, tail) === "same";
}

function oldestRowsAfter(oldestRows: OldestRows | null, read: Segment, nowMs: number): OldestRows {
  return oldestRows !== null && hasSameOldestRows(oldestRows, read)
    ? renewedOldestRows(oldestRows, read)
    : oldestRowsOf(read, nowMs);
}

/**
 * The head after another segment was read, if the log has a head or the segment reaches the log's end.
 * @param nowMs a moment after the reading
 * @param replaced the previous reading of the same rows, if there is one
 * @param oldestReading the cached reading of the oldest rows, if there is one
 * @returns null if the segment shows nothing new
 */
export function headAfter(
  head: Head | null,
  read: Segment,
  nowMs: number,
  replaced: Segment | null,
  oldestReading: Reading | null = null,
): Head | null {
  if (head === null) {
    const isEnd = reachesEnd(read, read.total) && (read.rows.length > 0 || read.start === 0);
    if (!isEnd) return null;
    return firstHead(read, nowMs, read.start === 0 || oldestReading === null ? [] : [oldestReading]);
  }
  const { oldestRows } = head;
  const startsAtOldest = read.start === 0;
  // Calls that begin at the same time can be answered in any order. With the same moment, only a larger total is newer.
  const sinceTailMs = read.readAtMs - head.tail.readAtMs;
  const isBroken =
    (replaced !== null && compareRuns(replaced, read) === "different") ||
    (startsAtOldest && oldestRows !== null && !hasSameOldestRows(oldestRows, read)) ||
    (sinceTailMs >= 0 && compareRuns(head.tail, read) === "different");
  if (isBroken) {
    const broken = {
      ...changedAt(head, { floorMs: read.readAtMs, changedMs: nowMs }),
      knownTotal: read.total,
    };
    return startsAtOldest ? { ...broken, oldestRows: oldestRowsOf(read, nowMs) } : broken;
  }
  // A smaller total means a trim or a replica that lags. The next reading of the tail shows which of them.
  const isNews = sinceTailMs >= 0 && read.total > head.knownTotal;
  const isDoubt =
    sinceTailMs > 0 &&
    read.total < head.knownTotal &&
    !startsAtOldest &&
    compareRuns(head.tail, read) === "apart";
  const isShrunk =
    sinceTailMs > 0 && read.total < head.tail.total && read.readAtMs - head.seenAtMs > LAG_MAX_MS;
  const knownTotal = isNews || isDoubt || isShrunk ? read.total : head.knownTotal;
  const renewed = startsAtOldest ? oldestRowsAfter(oldestRows, read, nowMs) : oldestRows;
  return knownTotal === head.knownTotal && renewed === oldestRows
    ? null
    : { ...head, knownTotal, oldestRows: renewed };
}

/** The head of a log that has not only grown up to this moment. */
export function changedAt(head: Head, { floorMs, changedMs }: Change): Head {
  if (head.floorMs >= floorMs && head.changedMs >= changedMs) return head;
  return {
    ...head,
    floorMs: Math.max(head.floorMs, floorMs),
    changedMs: Math.max(head.changedMs, changedMs),
  };
}

/** Merges two heads that were made at the same time: uses the later reading of the oldest rows. */
export function withLaterOldestRows(head: Head, { oldestRows }: Head): Head {
  return oldestRows !== null && oldestRows.readAtMs > (head.oldestRows?.readAtMs ?? -1)
    ? { ...head, oldestRows }
    : head;
}

/** Whether the log has changed between two heads, if the later one is current. */
export function isOtherState(before: Head, after: Head): boolean {
  return before.tail.total !== after.tail.total || before.floorMs !== after.floorMs;
}

/** Whether the tail shows the newest known state of the log. */
export function isCurrent(head: Head): boolean {
  return head.tail.total === head.knownTotal && head.tail.readAtMs >= head.floorMs;
}

/** The slack of the next reading of the tail: room for rows beyond the last total. */
export function slackOf(head: Head): number {
  return Math.min(SLACK_ROWS_MAX, Math.max(SLACK_ROWS_MIN, 2 * head.growth));
}

/** Whether a run reaches the newest event of a log of `total` events. */
export function reachesEnd(run: RowRun, total: number): boolean {
  return endOf(run) >= total;
}
