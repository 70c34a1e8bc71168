import { allOf, type MaybeAsync } from "../../common/maybe-async.js";
import { sum } from "../../common/sum.js";
import { checkBucketCalls, edgesOf, type HistogramRequest } from "../../paging/histogram.js";
import { type RowRun } from "../../paging/mark.js";
import { NO_ROWS } from "../reading/shape-page.js";
import { callsToCount, countLog } from "./count-log.js";
import { type Bucket, bucketsOf } from "./facet-rows.js";
import { byTime, type Facet } from "./facet.js";
import { type Newest } from "./read-newest.js";

/** Counts the events of all logs by their levels or sources. */
export function* countValues<T>(
  newest: Newest,
  facet: Facet,
  isLast: boolean,
  rowsOf: (counts: readonly number[], unknown: number) => T[],
): MaybeAsync<T[]> {
  const counts = yield* countAll(newest, () => facet, isLast);
  return rowsOf(counts, sum(newest.totals) - sum(counts));
}

/**
 * Counts the events of all logs by time.
 * @throws GatewayError OPERATION_TOO_COMPLEX if the logs need too many calls
 */
export function* countBuckets(
  newest: Newest,
  request: HistogramRequest,
  isLast: boolean,
): MaybeAsync<Bucket[]> {
  const { readers, tails, totals } = newest;
  const lastMs = tails.flatMap(({ start, rows }, log) => rows[(totals[log] ?? 0) - 1 - start]?.timeMs ?? []);
  const firstMs =
    request.startMs !== null
      ? []
      : (yield* allOf(readers.map((reader) => reader.rows(0, 0)))).flatMap(timeOfFirst);
  const edges = edgesOf(request, least(firstMs), most(lastMs));
  if (edges.length === 0) return [];
  const facetOf = (log: number): Facet => {
    const newestMs = tails[log]?.rows.at(-1)?.timeMs ?? 0;
    return byTime(edges, request.startMs === null && newestMs < (edges.at(-1) ?? 0));
  };
  if (readers.length > 1) {
    const calls = yield* allOf(
      readers.map((reader, log) => callsToCount(reader, facetOf(log), tails[log] ?? NO_ROWS)),
    );
    checkBucketCalls(request, calls);
  }
  return bucketsOf(edges, yield* countAll(newest, facetOf, isLast));
}

/** The sums of the counts of all logs. */
function* countAll(
  { readers, tails, totals }: Newest,
  facetOf: (log: number) => Facet,
  isLast: boolean,
): MaybeAsync<number[]> {
  const counted = yield* allOf(
    readers.map((reader, log) =>
      countLog(reader, facetOf(log), tails[log] ?? NO_ROWS, totals[log] ?? 0, isLast),
    ),
  );
  const [first = [], ...others] = counted;
  return first.map((count, at) => others.reduce((all, counts) => all + (counts[at] ?? 0), count));
}

function timeOfFirst({ rows: [row] }: RowRun): number[] {
  return row === undefined ? [] : [row.timeMs];
}

function least(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}

function most(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.max(...times);
}
