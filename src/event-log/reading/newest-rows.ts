import { type MaybeAsync, waitFor } from "../../common/maybe-async.js";
import { type RowRun } from "../../paging/mark.js";
import { BLOCK_ROWS } from "../geometry.js";
import { type LogReader } from "./log-reader.js";

/** The newest rows of a log; all rows if it has at most one block. */
export function* newestRows(reader: LogReader): MaybeAsync<RowRun> {
  const known = yield* reader.knownTail();
  if (known !== null) return known;
  const hint = yield* waitFor(reader.reads.hint(reader.log, []));
  const total = hint === null ? yield* reader.total() : BLOCK_ROWS + 1;
  return total <= BLOCK_ROWS ? yield* reader.rows(0, total - 1) : yield* reader.tail();
}
