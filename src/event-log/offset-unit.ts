import { type EventsAnswer } from "../modelarts/client.js";
import { BLOCK_ROWS, type OffsetUnit } from "./geometry.js";
import { isSameRow } from "./segment.js";

/** Thrown if an answer shows that offsets have another unit than assumed. The read then starts again. */
export class OffsetUnitChanged extends Error {
  override readonly name = "OffsetUnitChanged";
}

/** The unit of the upstream's offsets: a setting, or found by the first answer that shows it (`auto`). */
export class OffsetUnitState {
  #decided: OffsetUnit | null;

  constructor(setting: OffsetUnit | "auto") {
    this.#decided = setting === "auto" ? null : setting;
  }

  /** The unit for calls; rows until another unit is known. */
  get current(): OffsetUnit {
    return this.#decided ?? "row";
  }

  get isDecided(): boolean {
    return this.#decided !== null;
  }

  /** Sets the unit for the lifetime of the process. */
  settle(unit: OffsetUnit): void {
    this.#decided = unit;
  }

  /** @throws OffsetUnitChanged if the unit has changed since a call was made */
  expect(assumed: OffsetUnit): void {
    if (this.current !== assumed) throw new OffsetUnitChanged(`Offsets count ${this.current}s.`);
  }
}

/**
 * The unit that the number of rows in an answer to `offset` shows, if rows and pages would give different numbers;
 * otherwise null. Returned rows are a proof. Missing rows are only a sign, because they can be missing for other
 * reasons.
 */
export function unitShownByCount(
  offset: number,
  limit: number,
  total: number,
  rowCount: number,
): OffsetUnit | null {
  const expected = (start: number) => Math.min(limit, Math.max(0, total - start));
  const ifRows = expected(offset);
  const ifPages = expected(offset * limit);
  if (ifRows === ifPages) return null;
  if (rowCount === ifRows) return "row";
  return rowCount === ifPages ? "page" : null;
}

/**
 * The unit that the answers to offset 0 and offset 1 show for a log longer than a block. If offsets count rows, the
 * second answer has the rows of the first one without its oldest row. If offsets count pages, it has the rows after
 * them. Null if the log changed between the two answers, or if all rows have the same second.
 */
export function unitShownByRows(zero: EventsAnswer, one: EventsAnswer): OffsetUnit | null {
  const newest = zero.events.at(-1);
  if (newest === undefined || zero.events.length < BLOCK_ROWS) return null;
  const expected = zero.events.slice(1);
  // If all rows have the same second, the next block can repeat them.
  if (expected.every(({ timeMs }) => timeMs === newest.timeMs)) return null;
  const isRepeated = expected.every((row, at) => {
    const other = one.events[at];
    return other !== undefined && isSameRow(row, other);
  });
  if (isRepeated) return "row";
  const behind = Math.min(BLOCK_ROWS, one.total - BLOCK_ROWS);
  const isBehind = one.events.length === behind && one.events.every(({ timeMs }) => timeMs >= newest.timeMs);
  return isBehind ? "page" : null;
}
