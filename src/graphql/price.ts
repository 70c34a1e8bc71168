import { type PageRequest } from "../paging/arguments.js";
import { logFiltersOf } from "../paging/filter.js";

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
