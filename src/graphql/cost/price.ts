import { isAtNewestEnd, type PageRequest } from "../../paging/arguments.js";
import { type EventFilter, logCountOf, logFiltersOf, type LogFilter } from "../../paging/filter.js";

/** Calls for a page next to a cursor or around a place: one block to find the place, and two blocks of rows. */
const CALLS_FOR_PLACE = 3;
/**
 * Calls for the newest rows: one block to learn the total, and the tail. Calls for the oldest rows: one block and the
 * head.
 */
const CALLS_FOR_END = 2;
/** A tail always contains this many of the known newest rows. A longer page can need one more block. */
const TAIL_ROWS_MIN = 50;
/** Calls for an empty page: any block shows the total. */
const CALLS_FOR_TOTAL = 1;

/** The highest cost of a field for one job, with an empty cache. */
export type Price = {
  /** The number of requested events, at least 1. */
  readonly rows: number;
  /** The number of upstream calls if no other field reads the same parts. */
  readonly calls: number;
  /**
   * The same calls for each part of a log. If several fields have a price under one key, only the highest price counts.
   */
  readonly parts: () => readonly PartPrice[];
};

export type PartPrice = { readonly key: string; readonly calls: number };

/** The price of a page; an empty page counts as one event. */
export function priceOfPage(page: PageRequest): Price {
  const { filter } = page;
  const calls = callsPerLog(page);
  return {
    rows: Math.max(page.size, 1),
    calls: logCountOf(filter) * calls,
    parts: () => logFiltersOf(filter).map((log) => ({ key: JSON.stringify(log), calls })),
  };
}

/** The upstream calls that a page of one log can need with an empty cache. */
function callsPerLog(page: PageRequest): number {
  const { size, after, before, around } = page;
  if (after !== null || before !== null || around !== null) return CALLS_FOR_PLACE;
  if (size === 0) return CALLS_FOR_TOTAL;
  return isAtNewestEnd(page) && size > TAIL_ROWS_MIN ? CALLS_FOR_PLACE : CALLS_FOR_END;
}

const NOTHING: Price = { rows: 0, calls: 0, parts: () => [] };

/**
 * The price of counts that belong to a page: one call for each count and log, and the calls for the newest rows of
 * these logs.
 * @param page undefined if its arguments are not valid
 * @param ignored the part of the page's filter that the counts ignore
 */
export function priceOfCounts(
  page: PageRequest | undefined,
  ignored: Partial<Pick<EventFilter, "levels" | "sources">>,
  name: string,
  numbers: number,
): Price {
  if (page === undefined) return NOTHING;
  const filter = { ...page.filter, ...ignored };
  const partsOf = (log: LogFilter): PartPrice[] => {
    const key = JSON.stringify(log);
    return [
      { key, calls: CALLS_FOR_END },
      { key: `${key}/${name}`, calls: numbers },
    ];
  };
  return {
    rows: 0,
    calls: logCountOf(filter) * (CALLS_FOR_END + numbers),
    parts: () => logFiltersOf(filter).flatMap(partsOf),
  };
}
