import { type RowRun } from "../paging/mark.js";
import { type TrainingJobEvent } from "../training-job-event.js";
import { BLOCK_ROWS } from "./geometry.js";

/** Consecutive rows of a log from one upstream answer, with its total and its moment. */
export type Segment = RowRun & {
  /** The number of events of the log. */
  readonly total: number;
  /** When the call was made, in milliseconds since the epoch: the rows are at least as new as this. */
  readonly readAtMs: number;
};

/** The first ordinal after a run. */
export function endOf(run: RowRun): number {
  return run.start + run.rows.length;
}

/** Whether the answer has the maximum number of rows, so that growth of the log does not change it. */
export function isFull(segment: Segment): boolean {
  return segment.rows.length === BLOCK_ROWS;
}

/**
 * Whether two readings of one log agree, so that the log has only grown between them. Overlapping rows are compared. If
 * they differ, an event was inserted or trimmed between the two readings.
 */
export function compareRuns(a: RowRun, b: RowRun): "same" | "different" | "apart" {
  const first = Math.max(a.start, b.start);
  const last = Math.min(endOf(a), endOf(b)) - 1;
  if (first > last) return "apart";
  for (let ordinal = first; ordinal <= last; ordinal += 1) {
    const left = a.rows[ordinal - a.start];
    const right = b.rows[ordinal - b.start];
    if (left === undefined || right === undefined || !isSameRow(left, right)) return "different";
  }
  return "same";
}

/**
 * Whether two readings with equal overlapping rows can still be shifted. This is possible if all shared rows are exact
 * repeats within one second, because a shift then puts an equal row at the same ordinal, and if the total has changed
 * between the readings.
 */
export function mayHideShift(a: Segment, b: Segment): boolean {
  if (a.total === b.total) return false;
  const first = Math.max(a.start, b.start);
  const shared = a.rows.slice(first - a.start, Math.min(endOf(a), endOf(b)) - a.start);
  const [one] = shared;
  if (one === undefined || shared.at(-1)?.timeMs !== one.timeMs) return false;
  return [a, b].some(({ rows }) => {
    const equals = rows.filter((row) => isSameRow(row, one)).length;
    return equals > shared.filter((row) => isSameRow(row, one)).length;
  });
}

/** Whether two rows show the same event, or exact repeats of one. */
export function isSameRow(a: TrainingJobEvent, b: TrainingJobEvent): boolean {
  return a.timeMs === b.timeMs && a.message === b.message && a.level === b.level && a.source === b.source;
}
