import { type Cursor } from "./cursor.js";
import { type Anchor } from "./window.js";

/**
 * The number of ordinals by which the events of a cursor have moved up since it was written. It is 0 without a cursor,
 * and for an inclusive cursor, whose event is not on the older side of the cut.
 */
export function anchorShift(cursor: Cursor | null, anchor: Anchor | null): number {
  if (cursor === null || anchor === null || cursor.isInclusive) return 0;
  let shift = 0;
  anchor.cut.forEach((count, log) => {
    const position = cursor.positions[log] ?? null;
    if (position !== null) shift += count - (position.ordinal + 1);
  });
  return shift;
}
