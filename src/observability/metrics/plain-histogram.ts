import { type Histogram, type Registry } from "prom-client";

/** Upper bounds of the buckets, in seconds. */
export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

type LabelValue = string | number;
/** The last element of `counts` is for values above all bounds. */
type Series = {
  readonly labels: Readonly<Record<string, LabelValue>>;
  readonly counts: number[];
  sumSeconds: number;
};
type Value = { readonly metricName: string; readonly labels: object; readonly value: number };

/**
 * A histogram of durations by two labels, exported in the format of prom-client and kept as plain numbers. The one of
 * prom-client takes a microsecond for each observation, mostly to check and hash labels; each request makes several.
 */
export class PlainHistogram {
  readonly #series = new Map<LabelValue, Map<LabelValue, Series>>();

  constructor(
    readonly name: string,
    private readonly help: string,
    private readonly labelNames: readonly [string, string],
    registry: Registry,
  ) {
    // A registry uses only `name` and `get`.
    registry.registerMetric(this as unknown as Histogram);
  }

  observe(first: LabelValue, second: LabelValue, seconds: number): void {
    const series = this.#series.get(first)?.get(second) ?? this.#add(first, second);
    const bucket = SECONDS.findIndex((bound) => seconds <= bound);
    const at = bucket < 0 ? SECONDS.length : bucket;
    series.counts[at] = (series.counts[at] ?? 0) + 1;
    series.sumSeconds += seconds;
  }

  /** Called by the registry. */
  get(): Promise<object> {
    const all = [...this.#series.values()].flatMap((bySecond) => [...bySecond.values()]);
    const values = all.flatMap((series) => this.#valuesOf(series));
    return Promise.resolve({ name: this.name, help: this.help, type: "histogram", values });
  }

  #add(first: LabelValue, second: LabelValue): Series {
    const [firstName, secondName] = this.labelNames;
    const series: Series = {
      labels: { [firstName]: first, [secondName]: second },
      counts: new Array<number>(SECONDS.length + 1).fill(0),
      sumSeconds: 0,
    };
    const bySecond = this.#series.get(first) ?? new Map<LabelValue, Series>();
    this.#series.set(first, bySecond.set(second, series));
    return series;
  }

  #valuesOf({ labels, counts, sumSeconds }: Series): Value[] {
    let count = 0;
    const buckets = [...SECONDS, "+Inf"].map((le, at) => {
      count += counts[at] ?? 0;
      return { metricName: `${this.name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${this.name}_sum`, labels, value: sumSeconds },
      { metricName: `${this.name}_count`, labels, value: count },
    ];
  }
}
