import { allOf, type MaybeAsync, waitFor } from "../../common/maybe-async.js";
import { type PageRequest } from "../../paging/arguments.js";
import { rowsAround, sidesOf } from "../../paging/around.js";
import { type Cut } from "../../paging/window.js";
import { BLOCK_ROWS, type BlockRef, blocksFor } from "../geometry.js";
import { type LogReader } from "../reading/log-reader.js";

/** The maximum number of runs that are read for each log. */
const RUNS_MAX = 2;
/** More events than any log has, so that the page is complete on both sides. */
const MANY = Number.MAX_SAFE_INTEGER;

/**
 * Reads all rows that a page around a cut can need, with parallel calls. If the total of a log is not known, its newer
 * side can have too few events. So as many older rows are read as the page has events.
 */
export function* prefetchAround(
  readers: readonly LogReader[],
  request: PageRequest,
  cut: Cut,
  moreRows: number,
): MaybeAsync<void> {
  const hints = yield* allOf(readers.map(({ reads, log }) => waitFor(reads.hint(log, []))));
  const known = hints.every((hint) => hint !== null);
  const totals = hints.map((hint, log) => Math.max(hint?.knownTotal ?? MANY, cut[log] ?? 0));
  const sides = sidesOf(request, cut, totals);
  yield* allOf(
    readers.map((reader, log) => {
      const { first, last } = rowsAround(sides, log);
      const count = cut[log] ?? 0;
      // One more row before the page shows whether its first second begins in it. One row on each side verifies the
      // cut.
      const exact = {
        first: Math.max(0, Math.min(first, count) - 1),
        last: Math.max(last, count) + moreRows,
      };
      const wide = known
        ? exact
        : { ...exact, first: Math.max(0, Math.min(exact.first, count - request.size - 1)) };
      return reader.prefetch(runsFor(reader, wide, exact));
    }),
  );
}

type Range = { readonly first: number; readonly last: number };

/** Blocks if they are few enough, otherwise two runs that begin at the needed rows. With page offsets always blocks. */
function runsFor({ reads: { unit } }: LogReader, wide: Range, exact: Range): BlockRef[] {
  const blocks = blocksFor(unit, wide.first, wide.last);
  if (blocks.length <= RUNS_MAX) return blocks;
  if (unit === "page") return blocksFor(unit, exact.first, exact.last);
  return Array.from({ length: RUNS_MAX }, (_, at) => {
    // Like blocks, the two runs share a row.
    const start = wide.first + at * (BLOCK_ROWS - 1);
    return { key: `run:${start}`, start, offset: start };
  });
}
