import { type EventsAnswer } from "../modelarts/client.js";
import { BLOCK_ROWS, type OffsetUnit } from "./geometry.js";
import { isSameRow } from "./segment.js";

/** Thrown when an answer shows that offsets count something else than was assumed: the read starts anew. */
export class OffsetUnitChanged extends Error {
  override readonly name = "OffsetUnitChanged";
}

/** What the upstream's offsets count: set, or decided by the first answer that can tell (`auto`). */
export class OffsetUnitState {
  #decided: OffsetUnit | null;

  constructor(setting: OffsetUnit | "auto") {
    this.#decided = setting === "auto" ? null : setting;
  }

  /** The unit to ask in; rows until something else is known. */
  get current(): OffsetUnit {
    return this.#decided ?? "row";
  }

  get isDecided(): boolean {
    return this.#decided !== null;
  }

  /** Settles the unit for as long as the process lives. */
  settle(unit: OffsetUnit): void {
    this.#decided = unit;
  }

  /** @throws OffsetUnitChanged when the unit is another by now than when a call was made */
  expect(assumed: OffsetUnit): void {
    if (this.current !== assumed) throw new OffsetUnitChanged(`Offsets count ${this.current}s.`);
  }
}

/**
 * What the number of rows in an answer to `offset` suggests, when rows and pages would give different numbers; else
 * null. Rows that came are proof; rows that did not come may just be missing.
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
 * What two answers of a log longer than a block show, to offset 0 and to offset 1: when offsets count rows, the second
 * has the rows of the first but its oldest one; when they count pages, just those behind them. Where something slipped
 * in or was cut off between the two, or all is of one second, they tell nothing.
 */
export function unitShownByRows(zero: EventsAnswer, one: EventsAnswer): OffsetUnit | null {
  const newest = zero.events.at(-1);
  if (newest === undefined || zero.events.length < BLOCK_ROWS) return null;
  const expected = zero.events.slice(1);
  // Rows that are all of one second may be repeated by the block behind them.
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
