import { type Position } from "../paging/cursor.js";
import { isSameMark, markAt, markDistance, rowAt, type RowRun } from "../paging/mark.js";
import { BLOCK_ROWS } from "./geometry.js";
import { reachesEnd } from "./store/head.js";
import { type PageReader } from "./reading/log-reader.js";
import { endOf } from "./segment.js";
import { type MaybeAsync } from "../common/maybe-async.js";

/**
 * Where the event of a position is now.
 * `lost`: the upstream no longer has it; `count` then is how many events are older than its second.
 */
export type Located = { readonly kind: "found" | "lost"; readonly count: number };

/**
 * Finds how many events of a log lie up to and with the event of a position. Usually it is where it was; else
 * the upstream itself is asked, first near that place, then by the event's time.
 * @param position null: nothing had been taken from this log
 * @param cursorMs the time of the cursor's own event, which may be of another log
 * @param sameLanguage whether messages can be compared with those at the time when the position was taken
 */
export function* locate(
  reader: PageReader,
  position: Position | null,
  cursorMs: number,
  sameLanguage: boolean,
): MaybeAsync<Located> {
  if (position === null) return yield* locateBeginning(reader, cursorMs);
  const { ordinal, mark } = position;
  const run = yield* reader.rowsWithReach(ordinal, ordinal);
  if (endOf(run) > ordinal && isSameMark(mark, markAt(run, ordinal), sameLanguage)) {
    return { kind: "found", count: ordinal + 1 };
  }
  if (!reader.isFirstHand) reader.readAnew();
  let total = yield* reader.total();
  if (total <= ordinal) {
    // A replica that lags does not have the event yet; what is known of the newest end may have it.
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

/** Where nothing had been taken, no event was older than the cursor's: else a cache is, or an event came late. */
function* locateBeginning(reader: PageReader, cursorMs: number): MaybeAsync<Located> {
  const { rows } = yield* reader.rows(0, 0);
  const isOlder = rows[0] !== undefined && rows[0].timeMs < cursorMs;
  if (isOlder && !reader.isFirstHand) reader.readAnew();
  return { kind: "found", count: 0 };
}

function* locateByTime(reader: PageReader, position: Position, sameLanguage: boolean): MaybeAsync<Located> {
  const { timeMs } = position.mark;
  let count = yield* countOlderThan(reader, timeMs);
  for (let last = count + BLOCK_ROWS; ; last += BLOCK_ROWS) {
    const run = yield* reader.rows(Math.max(0, count - 1), last);
    if (count > 0 && endOf(run) >= count && rowAt(run, count - 1).timeMs >= timeMs) {
      // The log was trimmed while it was searched.
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

/** How many events are older than a moment, by binary search: each step reads one block. */
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
    // The row before the first one that is not older, as far as this run shows it.
    const index = run.rows.findIndex((row) => row.timeMs >= timeMs);
    if (index > 0) return run.start + index;
    if (index === 0) high = Math.min(high, run.start);
    else low = endOf(run);
  }
  return low;
}

/** The row of a run that is most probably the event of a position; of equals the one nearest to its old place. */
function nearest(
  run: RowRun,
  { ordinal, mark }: Position,
  sameLanguage: boolean,
): { ordinal: number; distance: number } | null {
  let best: { ordinal: number; distance: number; shift: number } | null = null;
  // Rows without enough rows before them would get marks of their own only.
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
