import { type MaybeAsync, waitFor } from "../../common/maybe-async.js";
import { type RowRun } from "../../paging/mark.js";
import { countOlderThan } from "../locate.js";
import { type LogReader } from "../reading/log-reader.js";
import { endOf } from "../segment.js";

/**
 * Estimates how many events are older than a moment, with at most one call. If the newest rows reach back to the
 * moment, they show the number. Otherwise the upstream counts the range that ends there.
 */
export function* guessOlder(reader: LogReader, timeMs: number): MaybeAsync<number> {
  const tail = yield* reader.knownTail();
  const count = tail === null ? null : olderIn(tail, timeMs, yield* reader.total());
  return count ?? (yield* countUpTo(reader, timeMs - 1, false));
}

/**
 * The number of events that are older than a moment, verified by the rows around the estimate. If the rows show that
 * the estimate is wrong, the upstream counts again. If that number is wrong, too, the upstream's `total` does not count
 * the range, and a binary search finds the place.
 */
export function* countOlder(reader: LogReader, timeMs: number, guess: number): MaybeAsync<number> {
  const verified = yield* verify(reader, timeMs, guess);
  if (verified !== null) return verified;
  const anew = yield* countUpTo(reader, timeMs - 1, true);
  return (yield* verify(reader, timeMs, anew)) ?? (yield* countOlderThan(reader, timeMs));
}

function* verify(reader: LogReader, timeMs: number, count: number): MaybeAsync<number | null> {
  const run = yield* reader.rows(Math.max(0, count - 1), count);
  return olderIn(run, timeMs, yield* reader.total());
}

/** The number of events that are older than a moment, if a run of rows contains the place; otherwise null. */
function olderIn(run: RowRun, timeMs: number, total: number): number | null {
  if (total === 0) return 0;
  const index = run.rows.findIndex((row) => row.timeMs >= timeMs);
  if (index > 0 || (index === 0 && run.start === 0)) return run.start + index;
  const isAllOlder = index < 0 && run.rows.length > 0 && endOf(run) >= total;
  return isAllOlder ? endOf(run) : null;
}

/** The upstream's count of the events that are not newer than a moment. Rows must verify it. */
function* countUpTo(reader: LogReader, endMs: number, isAnew: boolean): MaybeAsync<number> {
  const { log, reads, sinceMs } = reader;
  const { time } = log.request;
  const startMs = time?.startMs ?? 0;
  if (endMs < startMs) return 0;
  const { counts } = yield* waitFor(
    reads.counts({
      log,
      part: `until:${endMs}`,
      sinceMs: isAnew ? reads.startedAtMs : sinceMs,
      upTo: { count: 0, endMs },
      filters: [{ time: { startMs, endMs: Math.min(endMs, time?.endMs ?? endMs) } }],
      isUsable: () => true,
      isHint: true,
    }),
  );
  return counts[0] ?? 0;
}
