/** The unit of the upstream's `offset`. Some editions of its documents say rows, others pages. */
export type OffsetUnit = "row" | "page";

/** The maximum number of rows of one upstream call. */
export const BLOCK_ROWS = 100;

/** The smallest room of a tail for rows that were written since the total was last known. */
export const SLACK_ROWS_MIN = 20;

const TAIL_KEY = "tail";

/** A run of rows to be read by one upstream call. `key` identifies it among the runs of its log. */
export type BlockRef = { readonly key: string; readonly start: number; readonly offset: number };

/**
 * The block with this index. With row offsets neighbouring blocks share one row, so that every seam can be
 * checked; with page offsets they cannot.
 */
export function blockRef(unit: OffsetUnit, index: number): BlockRef {
  const start = index * stride(unit);
  return { key: `${unit[0] ?? ""}${index}`, start, offset: unit === "row" ? start : index };
}

/** The smallest set of blocks that contains the ordinals `first` to `last`. */
export function blocksFor(unit: OffsetUnit, first: number, last: number): BlockRef[] {
  const size = stride(unit);
  const lowest = Math.floor(first / size);
  const highest = Math.max(lowest, Math.ceil((last - BLOCK_ROWS + 1) / size));
  const refs: BlockRef[] = [];
  for (let index = lowest; index <= highest; index += 1) refs.push(blockRef(unit, index));
  return refs;
}

/**
 * The run with the newest rows of a log of about `total` events. With row offsets it is not aligned to blocks, so that
 * one call returns a whole newest page.
 * @param slack the number of rows beyond `total` for which it has room
 */
export function tailRef(unit: OffsetUnit, total: number, slack: number): BlockRef {
  // A log of exactly one block is also read with slack. If it has more rows than its total, the total is wrong.
  if (total < BLOCK_ROWS || (total === BLOCK_ROWS && slack === 0)) return blockRef(unit, 0);
  if (unit === "page") return blockRef(unit, Math.floor((total - 1) / BLOCK_ROWS));
  // For such a log nearly all rows are compared, so its one block does not have to be read in addition.
  const lowest = total === BLOCK_ROWS ? 1 : total - BLOCK_ROWS + slack;
  // A tail that starts directly after a block shares no row with it, so the two could not be compared.
  const start = lowest % stride(unit) === 1 ? lowest + 1 : lowest;
  return { key: TAIL_KEY, start, offset: start };
}

/** Whether this run is not aligned to blocks. */
export function isTail({ key }: BlockRef): boolean {
  return key === TAIL_KEY;
}

/**
 * The slack of a first tail beside which `size` newest rows are needed. Without any slack, a total that is too small
 * does not show before the next reading of the head. If the tail cannot contain all needed rows anyway, the block below
 * it is read at the same time.
 */
export function firstSlack(size: number): number {
  return size > BLOCK_ROWS ? SLACK_ROWS_MIN : Math.min(SLACK_ROWS_MIN, BLOCK_ROWS - size);
}

function stride(unit: OffsetUnit): number {
  return unit === "row" ? BLOCK_ROWS - 1 : BLOCK_ROWS;
}
