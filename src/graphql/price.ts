import { type PageRequest } from "../paging/arguments.js";
import { type EventFilter, logFiltersOf, type LogFilter } from "../paging/filter.js";

/** What a page of one log can cost with an empty cache: a block that tells the total, and two that hold the page. */
const CALLS_PER_LOG = 3;

/** What a field can cost for one job, with an empty cache. */
export type Price = {
  /** Events that it asks for, at least 1. */
  readonly rows: number;
  /** Upstream calls, as if no other field read the same. */
  readonly calls: number;
  /** The same calls by what they read. Of several prices under one key the highest counts, and the others are free. */
  readonly parts: () => readonly PartPrice[];
};

type PartPrice = { readonly key: string; readonly calls: number };

/** The price of a page; an empty page counts as one event. */
export function priceOfPage({ filter, size }: PageRequest): Price {
  const logs = logFiltersOf(filter);
  return {
    rows: Math.max(size, 1),
    calls: logs.length * CALLS_PER_LOG,
    parts: () => logs.map((log) => ({ key: JSON.stringify(log), calls: CALLS_PER_LOG })),
  };
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
  const logs = logFiltersOf({ ...page.filter, ...ignored });
  const partsOf = (log: LogFilter): PartPrice[] => {
    const key = JSON.stringify(log);
    return [
      { key, calls: CALLS_PER_LOG },
      { key: `${key}/${name}`, calls: numbers },
    ];
  };
  return { rows: 0, calls: logs.length * (CALLS_PER_LOG + numbers), parts: () => logs.flatMap(partsOf) };
}
