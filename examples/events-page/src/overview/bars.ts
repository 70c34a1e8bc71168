import { type TrainingJobEventLevel } from "modelarts-events-client";

/** Numbers of events in equal parts of time. */
export type Bars = {
  readonly startMs: number;
  readonly widthMs: number;
  readonly all: readonly number[];
  readonly warnings: readonly number[];
  readonly errors: readonly number[];
};

type Bucket = { readonly start: string; readonly end: string; readonly count: number };

/** @param warnings null if the filter excludes them; the buckets are those of `all` */
export function barsOf(
  all: readonly Bucket[],
  warnings: readonly Bucket[] | null,
  errors: readonly Bucket[] | null,
): Bars | null {
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined) return null;
  const startMs = Date.parse(first.start);
  const counts = (buckets: readonly Bucket[] | null): number[] =>
    all.map((_, at) => buckets?.[at]?.count ?? 0);
  return {
    startMs,
    widthMs: Math.max(1, (Date.parse(last.end) - startMs) / all.length),
    all: counts(all),
    warnings: counts(warnings),
    errors: counts(errors),
  };
}

export const endOf = ({ startMs, widthMs, all }: Bars): number => startMs + widthMs * all.length;

type Added = { readonly node: { readonly time: string; readonly level: TrainingJobEventLevel | null } };

/** The bars with new events: further bars at the end, each twice as wide once there are more than `most`. */
export function withEvents(bars: Bars, added: readonly Added[], most: number): Bars {
  const { startMs } = bars;
  let { widthMs } = bars;
  let [all, warnings, errors] = [[...bars.all], [...bars.warnings], [...bars.errors]];
  for (const { node } of added) {
    const timeMs = Math.max(startMs, Date.parse(node.time));
    while (Math.floor((timeMs - startMs) / widthMs) >= most) {
      [all, warnings, errors] = [inPairs(all), inPairs(warnings), inPairs(errors)];
      widthMs *= 2;
    }
    const at = Math.floor((timeMs - startMs) / widthMs);
    for (const counts of [all, warnings, errors]) while (counts.length <= at) counts.push(0);
    all[at] = (all[at] ?? 0) + 1;
    const marked = node.level === "ERROR" ? errors : node.level === "WARNING" ? warnings : null;
    if (marked !== null) marked[at] = (marked[at] ?? 0) + 1;
  }
  return { startMs, widthMs, all, warnings, errors };
}

function inPairs(counts: readonly number[]): number[] {
  return Array.from(
    { length: Math.ceil(counts.length / 2) },
    (_, at) => (counts[2 * at] ?? 0) + (counts[2 * at + 1] ?? 0),
  );
}
