import { z } from "zod";
import { type SimulatedEvent } from "./jobs/event.js";
import { type EventsQuery } from "./parameters.js";

/** The documented laws of the events API that the simulator can break, one switch for each. */
export const lawsSchema = z.strictObject({
  /** `order` is ignored: the answer is always newest first. */
  orderIgnored: z.boolean().default(false),
  /** `offset` is ignored: each answer begins with the first row. */
  offsetIgnored: z.boolean().default(false),
  /** These filters are ignored. */
  filtersIgnored: z.array(z.enum(["level", "source", "pattern", "time"])).default([]),
  /** `total` is too small by this number, always 0, or the number of rows in the answer; null: exact. */
  total: z
    .union([z.number().int().min(1), z.literal("zero"), z.literal("rows")])
    .nullable()
    .default(null),
  /** The largest `total`; null: no limit. */
  totalMax: z.number().int().min(1).nullable().default(null),
  /** The largest number of rows in an answer; null: `limit`. */
  limitMax: z.number().int().min(1).nullable().default(null),
  /** An offset past the end is refused with 400. */
  pastEndRefused: z.boolean().default(false),
  /** The largest offset in rows; a larger one is refused with 400. Null: no limit. */
  offsetMax: z.number().int().min(1).nullable().default(null),
  /** The order of events within one second differs from call to call. */
  secondsShuffled: z.boolean().default(false),
});

export type Laws = z.infer<typeof lawsSchema>;

/** No law is broken. */
export const LAWS_KEPT: Laws = lawsSchema.parse({});

/** The query as a service that breaks these laws understands it. */
export function misread(query: EventsQuery, laws: Laws): EventsQuery {
  const isIgnored = (name: Laws["filtersIgnored"][number]): boolean => laws.filtersIgnored.includes(name);
  return {
    ...query,
    order: laws.orderIgnored ? "desc" : query.order,
    offset: laws.offsetIgnored ? 0 : query.offset,
    limit: Math.min(query.limit, laws.limitMax ?? query.limit),
    level: isIgnored("level") ? null : query.level,
    source: isIgnored("source") ? null : query.source,
    pattern: isIgnored("pattern") ? null : query.pattern,
    time: isIgnored("time") ? null : query.time,
  };
}

/** Whether a service with these laws refuses an answer that begins at row `first` of `total`. */
export function refusesOffset(first: number, total: number, laws: Laws): boolean {
  return (
    (laws.pastEndRefused && first > 0 && first >= total) ||
    (laws.offsetMax !== null && first > laws.offsetMax)
  );
}

/** The total that a service with these laws reports. */
export function misreport(total: number, rowCount: number, laws: Laws): number {
  const most = Math.min(total, laws.totalMax ?? total);
  if (laws.total === null) return most;
  if (laws.total === "zero") return 0;
  return laws.total === "rows" ? rowCount : Math.max(0, most - laws.total);
}

let calls = 0;

/** The rows with the events of each second in another order at each call. */
export function shuffleSeconds(rows: readonly SimulatedEvent[]): SimulatedEvent[] {
  calls += 1;
  const shuffled: SimulatedEvent[] = [];
  for (let start = 0; start < rows.length;) {
    let end = start + 1;
    while (rows[end]?.timeMs === rows[start]?.timeMs && end < rows.length) end += 1;
    const second = rows.slice(start, end);
    const shift = calls % second.length;
    shuffled.push(...second.slice(shift), ...second.slice(0, shift));
    start = end;
  }
  return shuffled;
}
