import { allOf, type MaybeAsync, waitFor } from "../../common/maybe-async.js";
import { type RowRun } from "../../paging/mark.js";
import { type Cut } from "../../paging/window.js";
import { type LogReader } from "../reading/log-reader.js";
import { LogChanged } from "../reading/log-rows.js";
import { newestRows } from "../reading/newest-rows.js";
import { endOf } from "../segment.js";

/**
 * The maximum number of rows below the newest ones that are read because the log has grown since its page was read.
 */
const GROWTH_MAX_ROWS = 1_000;

/** The newest rows of the logs of a filter, and the number of events to count in each. */
export type Newest = {
  readonly readers: readonly LogReader[];
  readonly tails: readonly RowRun[];
  readonly totals: Cut;
};

/**
 * @param most the number of events of each log when the page was read, if known. Later events are not counted
 * @param asOfMs the moment of these numbers
 * @throws LogChanged
 */
export function* readNewest(readers: readonly LogReader[], most: Cut, asOfMs: number): MaybeAsync<Newest> {
  const tails = yield* allOf(readers.map((reader, log) => newestUpTo(reader, most[log] ?? null, asOfMs)));
  const totals = tails.map((tail, log) => {
    const page = most[log] ?? endOf(tail);
    // If a log has since grown by more rows than are read here, all its events are counted.
    return page >= tail.start ? Math.min(page, endOf(tail)) : endOf(tail);
  });
  return { readers, tails, totals };
}

/**
 * The newest rows of a log, which reach up to the total of its page. If they do not, a replica that lags has answered,
 * and counts of these rows would sum to less than the total.
 */
function* newestUpTo(reader: LogReader, page: number | null, asOfMs: number): MaybeAsync<RowRun> {
  const { log, reads } = reader;
  const tail = yield* newestRows(reader);
  if (page === null) return tail;
  if (endOf(tail) >= page) {
    const isFar = page < tail.start - GROWTH_MAX_ROWS;
    return page >= tail.start || isFar ? tail : yield* reader.rows(page, endOf(tail) - 1);
  }
  const head = yield* waitFor(reads.hint(log, []));
  // A log that was trimmed after its page was read no longer has as many events. The first head of a log has a floor,
  // too, but from before the page. A call beside those of the page can show the log before the page, so the rows of
  // the first attempt do not decide.
  const isTrimmed = head !== null && head.floorMs >= reads.startedAtMs && head.floorMs > asOfMs;
  if (isTrimmed && reader.sinceMs > asOfMs) return tail;
  throw new LogChanged(log, Math.max(asOfMs, reader.asOfMs) + 1);
}
