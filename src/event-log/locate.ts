import { type Position } from "../paging/cursor.js";
import { isSameMark, markAt, markDistance, rowAt, type RowRun } from "../paging/mark.js";
import { BLOCK_ROWS } from "./geometry.js";
import { reachesEnd } from "./store/head.js";
import { type PageReader } from "./reading/page-reader.js";
import { endOf } from "./segment.js";
import { type MaybeAsync } from "../common/maybe-async.js";

/**
 * The current place of the event of a position.
 * `lost`: the upstream no longer has the event; `count` is then the number of events that are older than its second.
 */
export type Located = { readonly kind: "found" | "lost"; readonly count: number };

/**
 * Finds the number of events of a log up to the event of a position, including it. Usually the event still has its
 * ordinal. Otherwise the upstream is read, first around that ordinal, then by the event's time.
 * @param position null if the page contained no event of this log
 * @param cursorMs the time of the cursor's event, which may be in another log
 * @param sameLanguage whether the cursor has the same language, so that messages can be compared
 * @param isWalkUp whether the page is on the newer side of the cursor
 */
export function* locate(
  reader: PageReader,
  position: Position | null,
  cursorMs: number,
  sameLanguage: boolean,
  isWalkUp: boolean,
): MaybeAsync<Located> {
  if (position === null) return yield* locateBeginning(reader, cursorMs, isWalkUp);
  const { ordinal, mark } = position;
  const run = yield* reader.rowsWithReach(ordinal, ordinal);
  if (endOf(run) > ordinal && isSameMark(mark, markAt(run, ordinal), sameLanguage)) {
    return { kind: "found", count: ordinal + 1 };
  }
  if (!reader.isFirstHand) reader.readAnew();
  let total = yield* reader.total();
  if (total <= ordinal) {
    // A replica that lags does not have the event yet, but the known newest rows may have it.
    yield* reader.newestEnd();
    total = yield* reader.total();
    const again = yield* reader.rowsWithReach(ordinal, ordinal);
    if (endOf(again) > ordinal && isSameMark(mark, markAt(again, ordinal), sameLanguage)) {
      return { kind: "found", count: ordinal + 1 };
    }
  }
  const near = yield* reader.rows(
    Math.max(0, Math.min(ordinal, total) - BLOCK_ROWS),
    Math.min(ordinal + BLOCK_ROWS, total - 1),
  );
  const close = nearest(near, position, sameLanguage);
  if (close !== null && (close.distance === 0 || holdsWholeSecond(near, mark.timeMs, total))) {
    return { kind: "found", count: close.ordinal + 1 };
  }
  return yield* locateByTime(reader, position, sameLanguage);
}

/**
 * Locates a position without an event of this log, which means that no event was older than the cursor's event. If
 * there is an older event now, the cache is out of date, or the event was late, or a replica did not have it yet. In
 * the last two cases, the page shows it in either direction, because no earlier page has.
 */
function* locateBeginning(reader: PageReader, cursorMs: number, isWalkUp: boolean): MaybeAsync<Located> {
  const { rows } = yield* reader.rows(0, 0);
  const isOlder = rows[0] !== undefined && rows[0].timeMs < cursorMs;
  if (isOlder && !reader.isFirstHand) reader.readAnew();
  const count = isOlder && !isWalkUp ? yield* countOlderThan(reader, cursorMs) : 0;
  return { kind: "found", count };
}

function* locateByTime(reader: PageReader, position: Position, sameLanguage: boolean): MaybeAsync<Located> {
  const { timeMs } = position.mark;
  let count = yield* countOlderThan(reader, timeMs);
  for (let last = count + BLOCK_ROWS; ; last += BLOCK_ROWS) {
    const run = yield* reader.rows(Math.max(0, count - 1), last);
    if (count > 0 && endOf(run) >= count && rowAt(run, count - 1).timeMs >= timeMs) {
      // The log was trimmed during the search.
      count = Math.max(0, count - BLOCK_ROWS / 2);
      last = count;
      continue;
    }
    const match = nearest(run, position, sameLanguage);
    const isWhole = endOf(run) <= last || run.rows.at(-1)?.timeMs !== timeMs;
    if (match !== null && (match.distance === 0 || isWhole))
      return { kind: "found", count: match.ordinal + 1 };
    if (isWhole) return { kind: "lost", count };
  }
}

/** The number of events that are older than a moment, by binary search. Each step reads one block. */
export function* countOlderThan(reader: PageReader, timeMs: number): MaybeAsync<number> {
  let low = 0;
  let high = yield* reader.total();
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const run = yield* reader.rows(middle, middle);
    if (run.rows.length === 0) {
      high = middle;
      continue;
    }
    // The last older row, if it is in this run.
    const index = run.rows.findIndex((row) => row.timeMs >= timeMs);
    if (index > 0) return run.start + index;
    if (index === 0) high = Math.min(high, run.start);
    else low = endOf(run);
  }
  return low;
}

/** The row of a run that matches the event of a position best; among equal rows the one nearest to its old ordinal. */
function nearest(
  run: RowRun,
  { ordinal, mark }: Position,
  sameLanguage: boolean,
): { ordinal: number; distance: number } | null {
  let best: { ordinal: number; distance: number; shift: number } | null = null;
  // Without enough rows before a row, its mark would be wrong.
  const first = run.start === 0 ? 0 : run.start + 1;
  for (let at = first; at < endOf(run); at += 1) {
    if (rowAt(run, at).timeMs !== mark.timeMs) continue;
    const distance = markDistance(mark, markAt(run, at), sameLanguage);
    if (distance === null) continue;
    const shift = Math.abs(at - ordinal);
    if (best === null || distance < best.distance || (distance === best.distance && shift < best.shift)) {
      best = { ordinal: at, distance, shift };
    }
  }
  return best;
}

function holdsWholeSecond(run: RowRun, timeMs: number, total: number): boolean {
  const [first] = run.rows;
  const last = run.rows.at(-1);
  if (first === undefined || last === undefined) return false;
  return (run.start === 0 || first.timeMs < timeMs) && (reachesEnd(run, total) || last.timeMs > timeMs);
}
