import { type RowRun } from "../paging/mark.js";
import { type Row } from "../paging/row.js";
import { endOf } from "./segment.js";

/** The smallest range with all ordinals from `first` to `last` that no run contains; null if none is missing. */
export function gapIn(
  runs: readonly RowRun[],
  first: number,
  last: number,
): { first: number; last: number } | null {
  let low = first;
  let high = last;
  const holding = (ordinal: number) => runs.find((run) => run.start <= ordinal && ordinal < endOf(run));
  for (let run = holding(low); low <= high && run !== undefined; run = holding(low)) low = endOf(run);
  for (let run = holding(high); high >= low && run !== undefined; run = holding(high)) high = run.start - 1;
  return low > high ? null : { first: low, last: high };
}

/**
 * The rows of the runs without a gap, from `first` (or the nearest ordinal after it) up to `last` or beyond.
 * Overlapping runs agree.
 */
export function joinRuns(runs: readonly RowRun[], first: number, last: number): RowRun {
  const sorted = runs
    .filter((run) => run.start <= last && endOf(run) > first)
    .sort((a, b) => endOf(a) - endOf(b) || b.start - a.start);
  const parts: RowRun[] = [];
  let start = last + 1;
  for (let at = sorted.length - 1; at >= 0 && start > first; at -= 1) {
    const run = sorted[at];
    if (run === undefined || endOf(run) < start || run.start >= start) continue;
    parts.unshift(run);
    start = run.start;
  }
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const rows: Row[] = [];
  for (const [at, part] of parts.entries()) {
    rows.push(...part.rows.slice(0, (parts[at + 1]?.start ?? last + 1) - part.start));
  }
  return { start, rows };
}
