import { sum } from "../common/sum.js";
import { type Order, type PageRequest } from "./arguments.js";
import { type Cut, type OrdinalRange, type Page, rowsNeeded, takeWindow, type Window } from "./window.js";

/** The two windows of a page around a cut: the older and the newer side. */
export type Sides = { readonly older: Window; readonly newer: Window };

/**
 * Divides a page around a cut. Half of the page, rounded down, is before the cut in the order of the list, the rest
 * after it. If one side has too few events, the other side gets more.
 */
export function sidesOf({ order, size }: Pick<PageRequest, "order" | "size">, cut: Cut, totals: Cut): Sides {
  const olderCount = sum(cut);
  const newerCount = Math.max(0, sum(totals) - olderCount);
  const before = Math.floor(size / 2);
  const wantedOlder = order === "OLDEST_FIRST" ? before : size - before;
  const older = Math.min(olderCount, Math.max(wantedOlder, size - newerCount));
  return {
    older: { direction: "down", size: older, from: cut, bound: totals.map(() => 0) },
    newer: { direction: "up", size: Math.min(newerCount, size - older), from: cut, bound: totals },
  };
}

/**
 * The time that ends the older side of a cut at a given time. In both orders of the list, events at that time come
 * after the cut.
 */
export function olderThan(timeMs: number, order: Order): number {
  return order === "OLDEST_FIRST" ? timeMs : timeMs + 1;
}

/** The rows of one log that both sides together need. */
export function rowsAround({ older, newer }: Sides, log: number): OrdinalRange {
  const [low, high] = [rowsNeeded(older, log), rowsNeeded(newer, log)];
  if (low.first > low.last) return high;
  if (high.first > high.last) return low;
  return { first: Math.min(low.first, high.first), last: Math.max(low.last, high.last) };
}

/** Joins both sides to a page. */
export function takeAround({ older, newer }: Sides, timeOf: (log: number, ordinal: number) => number): Page {
  const low = takeWindow(older, timeOf);
  const high = takeWindow(newer, timeOf);
  return { taken: low.taken.concat(high.taken), low: low.low, high: high.high };
}
