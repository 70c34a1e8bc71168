/** Upper bounds of the buckets, in seconds. */
export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

type Labels = { readonly route: string; readonly status: number };
/** `counts` has one more for what is above all bounds. */
type Series = { readonly labels: Labels; readonly counts: number[]; sumSeconds: number };
type Value = { readonly metricName: string; readonly labels: object; readonly value: number };

/**
 * A histogram by route and status as prom-client shows it, kept as plain numbers: its own takes a microsecond for each
 * observation, mostly to check and hash labels, and one is made for every request.
 */
export class RequestDurations {
  readonly #series = new Map<string, Map<number, Series>>();

  constructor(
    readonly name: string,
    private readonly help: string,
  ) {}

  observe(route: string, status: number, seconds: number): void {
    const series = this.#series.get(route)?.get(status) ?? this.#add(route, status);
    const bucket = SECONDS.findIndex((bound) => seconds <= bound);
    const at = bucket < 0 ? SECONDS.length : bucket;
    series.counts[at] = (series.counts[at] ?? 0) + 1;
    series.sumSeconds += seconds;
  }

  /** What a registry asks for. */
  get(): Promise<object> {
    const all = [...this.#series.values()].flatMap((byStatus) => [...byStatus.values()]);
    const values = all.flatMap((series) => this.#valuesOf(series));
    return Promise.resolve({ name: this.name, help: this.help, type: "histogram", values });
  }

  #add(route: string, status: number): Series {
    const series: Series = {
      labels: { route, status },
      counts: new Array<number>(SECONDS.length + 1).fill(0),
      sumSeconds: 0,
    };
    const byStatus = this.#series.get(route) ?? new Map<number, Series>();
    this.#series.set(route, byStatus.set(status, series));
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
