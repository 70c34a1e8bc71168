/** What the upstream's `offset` counts. Its documents disagree: rows in some editions, pages in others. */
export type OffsetUnit = "row" | "page";

/** Rows that one upstream call gives at most. */
export const BLOCK_ROWS = 100;

/** A run of rows to ask the upstream for; `key` names it among the runs of its log. */
export type BlockRef = { readonly key: string; readonly start: number; readonly offset: number };

/**
 * The block with this index. With row offsets neighbouring blocks share one row, so that every seam can be
 * checked; with page offsets they cannot.
 */
export function blockRef(unit: OffsetUnit, index: number): BlockRef {
  const start = index * stride(unit);
  return { key: `${unit[0] ?? ""}${index}`, start, offset: unit === "row" ? start : index };
}

/** The fewest blocks that hold the ordinals `first` to `last`. */
export function blocksFor(unit: OffsetUnit, first: number, last: number): BlockRef[] {
  const size = stride(unit);
  const lowest = Math.floor(first / size);
  const highest = Math.max(lowest, Math.ceil((last - BLOCK_ROWS + 1) / size));
  return Array.from({ length: highest - lowest + 1 }, (_, index) => blockRef(unit, lowest + index));
}

/**
 * The run that holds the newest rows of a log of about `total` events. With row offsets it is not aligned to
 * blocks, so that one call gives a whole newest page.
 * @param slack how many newer rows than `total` it should have room for
 */
export function tailRef(unit: OffsetUnit, total: number, slack: number): BlockRef {
  // A log of exactly one block is read with slack, too: more rows than its total show that the total is wrong.
  if (total < BLOCK_ROWS || (total === BLOCK_ROWS && slack === 0)) return blockRef(unit, 0);
  if (unit === "page") return blockRef(unit, Math.floor((total - 1) / BLOCK_ROWS));
  // Of such a log nearly all rows are compared, so that its one block need not be read, too.
  const lowest = total === BLOCK_ROWS ? 1 : total - BLOCK_ROWS + slack;
  // Right behind a block, the tail would share no row with it, and the seam could not be checked.
  const start = lowest % stride(unit) === 1 ? lowest + 1 : lowest;
  return { key: "tail", start, offset: start };
}

function stride(unit: OffsetUnit): number {
  return unit === "row" ? BLOCK_ROWS - 1 : BLOCK_ROWS;
}
