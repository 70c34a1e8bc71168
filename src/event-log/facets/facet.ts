import { sum } from "../../common/sum.js";
import { bucketAt } from "../../paging/histogram.js";
import { type Row } from "../../paging/row.js";
import { type Level, LEVELS, type Source, SOURCES, type TimeRangeMs } from "../../training-job-event.js";
import { type UpTo } from "../store/log-counts.js";
import { type NarrowerFilter } from "../upstream-reader.js";

/** A division of a log's events into counts. */
export type Facet = {
  /** The name of its counts among the parts of a log. */
  readonly name: string;
  readonly size: number;
  /** The index of the count that a row belongs to; -1 for none. */
  readonly indexOf: (row: Row) => number;
  /** The filter of the upstream call for each count, up to a time; null if the count is 0 without a call. */
  readonly filters: (upTo: UpTo, own: TimeRangeMs | null) => readonly (NarrowerFilter | null)[];
  /** Whether the counts of these events, the oldest of a log, are consistent. */
  readonly isPlausible: (counts: readonly number[], upTo: UpTo) => boolean;
  /** Whether events up to a time can belong to no count, although the counts cover the whole log. */
  readonly mayOmit: boolean;
};

/** Events by level. Events of an unknown level belong to no count. */
export const BY_LEVEL: Facet = byValue("by-level", "level", LEVELS);

/** Events by source. Events of an unknown source belong to no count. */
export const BY_SOURCE: Facet = byValue("by-source", "source", SOURCES);

function byValue(name: string, field: "level" | "source", values: readonly (Level | Source)[]): Facet {
  return {
    name,
    size: values.length,
    indexOf: (row) => values.findIndex((value) => value === row[field]),
    filters: ({ endMs }, own) => values.map((value) => ({ [field]: value, time: until(endMs, own) })),
    isPlausible: (counts, upTo) => sum(counts) <= upTo.count,
    mayOmit: true,
  };
}

/** Events by time. @param isWhole whether the buckets contain all events of the log */
export function byTime(edges: readonly number[], isWhole: boolean): Facet {
  const size = edges.length - 1;
  return {
    name: `by-time:${edges[0] ?? ""}:${edges.at(-1) ?? ""}:${size}`,
    size,
    indexOf: (row) => bucketAt(edges, row.timeMs),
    filters: ({ endMs }, own) =>
      Array.from({ length: size }, (_, at) => {
        const time = until(endMs, own);
        const first = Math.max(time.startMs, edges[at] ?? 0);
        const last = Math.min(time.endMs, (edges[at + 1] ?? 0) - 1);
        return first > last ? null : { time: { startMs: first, endMs: last } };
      }),
    isPlausible: (counts, upTo) => (isWhole ? sum(counts) === upTo.count : sum(counts) <= upTo.count),
    mayOmit: false,
  };
}

/** The part of a log's time range up to a time. */
export function until(endMs: number, own: TimeRangeMs | null): TimeRangeMs {
  const startMs = own?.startMs ?? 0;
  return { startMs, endMs: Math.max(startMs, Math.min(endMs, own?.endMs ?? endMs)) };
}
