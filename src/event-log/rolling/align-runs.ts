import { type RowRun } from "../../paging/mark.js";
import { endOf, isSameRow } from "../segment.js";

/** The number of equal rows that prove the shift between two readings. */
const AGREEING_ROWS_MIN = 5;

/**
 * How far the ordinals of a log have moved between two readings whose rows overlap: a row at `n` in `other` is the row
 * at `n + shift` in `run`.
 * @param most the largest shift to look for, in both directions
 * @returns null if the rows agree with no shift, or with several shifts because they repeat
 */
export function shiftBetween(run: RowRun, other: RowRun, most: number): number | null {
  let found: number | null = null;
  for (let shift = -most; shift <= most; shift += 1) {
    if (!agrees(run, other, shift)) continue;
    if (found !== null) return null;
    found = shift;
  }
  return found;
}

function agrees(run: RowRun, other: RowRun, shift: number): boolean {
  const first = Math.max(run.start, other.start + shift);
  const end = Math.min(endOf(run), endOf(other) + shift);
  if (end - first < AGREEING_ROWS_MIN) return false;
  for (let ordinal = first; ordinal < end; ordinal += 1) {
    const left = run.rows[ordinal - run.start];
    const right = other.rows[ordinal - shift - other.start];
    if (left === undefined || right === undefined || !isSameRow(left, right)) return false;
  }
  return true;
}
