import { sum } from "../common/sum.js";
import { GatewayError } from "../errors.js";

const BUCKETS_MAX = 60;
export const BUCKETS_DEFAULT = 30;
/** The maximum number of calls for the buckets of a histogram, for all logs of its filter together. */
const BUCKET_CALLS_MAX = BUCKETS_MAX;
/** The largest price of these calls. */
const PRICE_MAX = BUCKETS_DEFAULT;

/**
 * The price of a histogram for each log of its filter, in upstream calls. The price of all logs together has a maximum,
 * so that an operation with a page, both counts and a histogram is within the default of `MAX_UPSTREAM_CALLS`. This holds
 * for the largest histogram of one log, and for a default histogram of four logs. A log that is short or in the cache
 * needs fewer calls than it has buckets, but that is known only when the newest rows have been read.
 */
export function priceOfBuckets(buckets: number, logs: number): number {
  return Math.ceil(Math.min(buckets * logs, PRICE_MAX) / logs);
}

/** The calls that an operation may make beyond its price, because the price of a histogram has a maximum. */
export function callsBeyondPrice(price: number): number {
  return price > PRICE_MAX ? BUCKET_CALLS_MAX - PRICE_MAX : 0;
}

/**
 * Checks how many calls the buckets of a histogram need.
 * @param calls for each log of its filter
 * @throws GatewayError OPERATION_TOO_COMPLEX with the number of buckets that fit
 */
export function checkBucketCalls({ buckets }: HistogramRequest, calls: readonly number[]): void {
  if (sum(calls) <= BUCKET_CALLS_MAX) return;
  const logs = calls.filter((count) => count > 0).length;
  const most = Math.floor(BUCKET_CALLS_MAX / logs);
  throw new GatewayError(
    "OPERATION_TOO_COMPLEX",
    `The filter has ${logs} combinations of level and source with many events. Their histogram can have at most ` +
      `${most} buckets; ${buckets} were requested.`,
    { argument: "buckets" },
  );
}

/** The arguments of `histogram`. */
export type HistogramArguments = {
  readonly buckets?: number | null;
  readonly start?: Date | null;
  readonly end?: Date | null;
};

/** Checked arguments. A null start means the first event, a null end the last event. */
export type HistogramRequest = {
  readonly buckets: number;
  readonly startMs: number | null;
  readonly endMs: number | null;
};

/**
 * Checks the arguments of a histogram.
 * @throws GatewayError BAD_USER_INPUT with the invalid argument
 */
export function parseHistogram({ buckets, start, end }: HistogramArguments): HistogramRequest {
  const count = buckets ?? BUCKETS_DEFAULT;
  if (!Number.isInteger(count) || count < 1 || count > BUCKETS_MAX) {
    throw new GatewayError("BAD_USER_INPUT", `buckets must be 1 to ${BUCKETS_MAX}; it is ${count}.`, {
      argument: "buckets",
    });
  }
  const startMs = start?.getTime() ?? null;
  const endMs = end?.getTime() ?? null;
  if (startMs !== null && endMs !== null && startMs >= endMs) {
    throw new GatewayError("BAD_USER_INPUT", "start must be before end.", { argument: "start" });
  }
  return { buckets: count, startMs, endMs };
}

/** The width of a default bucket is rounded up by at most 1/64 of it, so that it seldom changes. */
const STEPS_PER_WIDTH = 64;

/**
 * The edges of the buckets, in milliseconds: one more than there are buckets, or none if there is no range. By default
 * the range begins at the first event and ends just after the last one, which is in the last bucket.
 * @param firstMs the time of the first event; null if it is not needed or there is none
 */
export function edgesOf(
  { buckets, startMs, endMs }: HistogramRequest,
  firstMs: number | null,
  lastMs: number | null,
): number[] {
  const start = startMs ?? firstMs;
  if (start === null) return [];
  if (endMs === null) {
    if (lastMs === null || lastMs < start) return [];
    const least = Math.ceil((lastMs + 1 - start) / buckets);
    const step = Math.max(1, 2 ** Math.floor(Math.log2(least)) / STEPS_PER_WIDTH);
    const width = Math.ceil(least / step) * step;
    return Array.from({ length: buckets + 1 }, (_, at) => start + at * width);
  }
  if (endMs <= start) return [];
  return Array.from({ length: buckets + 1 }, (_, at) => start + Math.round((at * (endMs - start)) / buckets));
}

/** The bucket that contains a time; -1 if none does. */
export function bucketAt(edges: readonly number[], timeMs: number): number {
  const [start = 0] = edges;
  const end = edges.at(-1) ?? 0;
  if (timeMs < start || timeMs >= end) return -1;
  let at = Math.min(edges.length - 2, Math.floor(((timeMs - start) / (end - start)) * (edges.length - 1)));
  while (at > 0 && timeMs < (edges[at] ?? 0)) at -= 1;
  while (at < edges.length - 2 && timeMs >= (edges[at + 1] ?? 0)) at += 1;
  return at;
}
