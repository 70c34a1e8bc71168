import { type PageRequest } from "../paging/arguments.js";
import { type EventFilter, logCountOf, logFiltersOf, type LogFilter } from "../paging/filter.js";

/** Of a page beside a cursor or around a place: a block to find it, and two that hold the page. */
const CALLS_FOR_PLACE = 3;
/** Of the newest rows: a block that tells the total, and the tail. Of the oldest rows: a block, and the head. */
const CALLS_FOR_END = 2;
/** A tail always holds so many rows of those that were known before; a longer page can need another block. */
const TAIL_ROWS_MIN = 50;
/** Of an empty page: any block tells the total. */
const CALLS_FOR_TOTAL = 1;

/** What a field can cost for one job, with an empty cache. */
export type Price = {
  /** Events that it asks for, at least 1. */
  readonly rows: number;
  /** Upstream calls, as if no other field read the same. */
  readonly calls: number;
  /** The same calls by what they read. Of several prices under one key the highest counts, and the others are free. */
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
function callsPerLog({ size, order, at, after, before, around }: PageRequest): number {
  if (after !== null || before !== null || around !== null) return CALLS_FOR_PLACE;
  if (size === 0) return CALLS_FOR_TOTAL;
  const isNewest = (order === "NEWEST_FIRST") === (at === "start");
  return isNewest && size > TAIL_ROWS_MIN ? CALLS_FOR_PLACE : CALLS_FOR_END;
}

const NOTHING: Price = { rows: 0, calls: 0, parts: () => [] };

/**
 * The price of numbers of events that are counted beside a page, one call each for each log, and of the newest rows of
 * these logs.
 * @param page undefined where its arguments are not valid
 * @param ignored the part of the page's filter that the numbers ignore
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
