import { type RowRun } from "../paging/mark.js";
import { type TrainingJobEvent } from "../training-job-event.js";
import { BLOCK_ROWS } from "./geometry.js";

/** Rows of a log as one upstream answer gave them, with what else it said. */
export type Segment = RowRun & {
  /** How many events the log had. */
  readonly total: number;
  /** When the call was made, in milliseconds since the epoch: the rows are at least as new as this. */
  readonly readAtMs: number;
};

/** The first ordinal behind a run. */
export function endOf(run: RowRun): number {
  return run.start + run.rows.length;
}

/** Whether the upstream had no room for another row in this answer, so that it never changes by growth. */
export function isFull(segment: Segment): boolean {
  return segment.rows.length === BLOCK_ROWS;
}

/**
 * Whether two readings of one log can be of one state that only grew: their rows are compared where they overlap.
 * Where they differ, something slipped in or was cut off between the two readings.
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
 * Whether two readings that agree where they overlap may be shifted against each other all the same: what they
 * share lies in one second and is repeated in it, so that a shift would put an equal row in its place. A growing
 * total tells that something happened between the readings.
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
