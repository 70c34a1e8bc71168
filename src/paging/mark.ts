import { type Mark, type Row } from "./row.js";

/**
 * The number of rows before an event that distinguish exact repeats. It is less than the rows of one block, so a mark
 * needs at most one neighbouring block, for any number of events in a second.
 */
export const MARK_REACH = 99;

/**
 * The number of rows before an event that are checked for its ID, which must be the same under every filter. A second
 * with more events is rare, and reading all of it would have no limit.
 */
export const ID_REACH = 1_000;

/** Consecutive rows of a log; the first one has the ordinal `start`. */
export type RowRun = { readonly start: number; readonly rows: readonly Row[] };

/** Whether the run may lack earlier rows of the second of the row at `ordinal`, within `reach`. */
export function needsEarlierRows(run: RowRun, ordinal: number, reach: number = MARK_REACH): boolean {
  if (run.start === 0 || ordinal - run.start >= reach) return false;
  // The second begins inside the run if the first row of the run has another second.
  return run.rows[0]?.timeMs === rowAt(run, ordinal).timeMs;
}

/** The row at an ordinal that the run contains. */
export function rowAt(run: RowRun, ordinal: number): Row {
  const row = run.rows[ordinal - run.start];
  if (row === undefined)
    throw new RangeError(`Ordinal ${ordinal} is not in the run that starts at ${run.start}.`);
  return row;
}

/** The mark of the row at `ordinal`; the run must reach back far enough (see {@link needsEarlierRows}). */
export function markAt(run: RowRun, ordinal: number): Mark {
  const row = rowAt(run, ordinal);
  const { timeMs, kind, checksum: message } = row;
  let rank = 0;
  let kindRank = 0;
  let context = 0;
  const first = Math.max(run.start, ordinal - MARK_REACH);
  for (let at = ordinal - 1; at >= first; at -= 1) {
    const before = rowAt(run, at);
    if (before.timeMs !== timeMs) break;
    const sameKind = before.kind === kind;
    const beforeMessage = before.checksum;
    if (sameKind) kindRank += 1;
    if (sameKind && beforeMessage === message) rank += 1;
    context = (Math.imul(context, 31) + beforeMessage + before.kind) | 0;
  }
  return { timeMs, kind, message, rank, kindRank, context: (context ^ (context >>> 16)) & 0xffff };
}

/** The number of earlier exact repeats of a row in its second; the run must contain {@link ID_REACH} rows before it. */
export function repeatRankAt(run: RowRun, ordinal: number): number {
  const { timeMs, kind, checksum } = rowAt(run, ordinal);
  const first = Math.max(run.start, ordinal - ID_REACH);
  let rank = 0;
  for (let at = ordinal - 1; at >= first; at -= 1) {
    const before = rowAt(run, at);
    if (before.timeMs !== timeMs) break;
    if (before.kind === kind && before.checksum === checksum) rank += 1;
  }
  return rank;
}

/** The mark of the row at `ordinal`, stored with the row. */
export function markOf(run: RowRun, ordinal: number): Mark {
  const row = rowAt(run, ordinal);
  row.mark ??= markAt(run, ordinal);
  return row.mark;
}

/** Whether both marks identify the same event. Messages are compared only if the language is the same. */
export function isSameMark(a: Mark, b: Mark, sameLanguage: boolean): boolean {
  if (a.timeMs !== b.timeMs || a.kind !== b.kind) return false;
  return sameLanguage
    ? a.message === b.message && a.rank === b.rank && a.context === b.context
    : a.kindRank === b.kindRank;
}

/**
 * The distance between a candidate and the wanted event: null if it cannot be that event, 0 if everything agrees. A
 * different rank counts more than a different context, because an inserted event changes the context of later ones.
 */
export function markDistance(wanted: Mark, candidate: Mark, sameLanguage: boolean): number | null {
  if (wanted.timeMs !== candidate.timeMs || wanted.kind !== candidate.kind) return null;
  if (!sameLanguage) return 2 * Math.abs(wanted.kindRank - candidate.kindRank);
  if (wanted.message !== candidate.message) return null;
  return 2 * Math.abs(wanted.rank - candidate.rank) + (wanted.context === candidate.context ? 0 : 1);
}
