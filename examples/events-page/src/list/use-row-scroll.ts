import { type ReactVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useState } from "react";
import { type Edge } from "./event-list.js";

type Align = "auto" | "center";

/** The browser rounds scroll positions to its pixels. */
const ROUNDING = 1.5;

/**
 * Scrolls to events instead of row numbers. The virtualizer scrolls to a number: until the browser has reported the new
 * position, rows that are added above change the row that has this number.
 */
export class RowScroll {
  #target: { readonly id: string; readonly align: Align } | null = null;
  #edges: readonly Edge[] = [];

  constructor(private readonly rows: ReactVirtualizer<HTMLDivElement, Element>) {}

  /** Whether the list is on its way to a row. */
  get isMoving(): boolean {
    return this.#target !== null;
  }

  to(id: string, align: Align): void {
    this.#target = { id, align };
    this.#advance();
  }

  /** The reader scrolls: leaves the list where it is. */
  readonly cancel = (): void => {
    this.#target = null;
    this.rows.cancelScroll();
  };

  /** To be called after each render: after changes of the rows, and after positions that the browser reports. */
  update(edges: readonly Edge[]): void {
    this.#edges = edges;
    this.#advance();
  }

  #advance(): void {
    if (this.#target === null) return;
    const { id, align } = this.#target;
    const index = this.#edges.findIndex(({ node }) => node.id === id);
    const [offset] = (index < 0 ? undefined : this.rows.getOffsetForIndex(index, align)) ?? [];
    const isThere = offset === undefined || Math.abs(offset - (this.rows.scrollOffset ?? 0)) <= ROUNDING;
    if (isThere) this.cancel();
    else this.rows.scrollToIndex(index, { align });
  }
}

export function useRowScroll(
  rows: ReactVirtualizer<HTMLDivElement, Element>,
  edges: readonly Edge[],
): RowScroll {
  const [scroll] = useState(() => new RowScroll(rows));
  useLayoutEffect(() => {
    scroll.update(edges);
  });
  return scroll;
}
