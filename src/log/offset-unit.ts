import { type OffsetUnit } from "./geometry.js";

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

  /**
   * Settles the unit for as long as the process lives.
   * @throws OffsetUnitChanged when it is not the one that was assumed
   */
  decide(unit: OffsetUnit): void {
    const assumed = this.current;
    this.#decided = unit;
    this.expect(assumed);
  }

  /** @throws OffsetUnitChanged when the unit is another by now than when a call was made */
  expect(assumed: OffsetUnit): void {
    if (this.current !== assumed) throw new OffsetUnitChanged(`Offsets count ${this.current}s.`);
  }
}

/**
 * What an answer to `offset` shows of the unit: by how many rows came, when rows and pages would give different
 * numbers; else null.
 */
export function unitShownBy(
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
