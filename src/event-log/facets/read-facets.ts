import { type MaybeAsync, run } from "../../common/maybe-async.js";
import { type EventList } from "../../paging/connection.js";
import { type HistogramRequest } from "../../paging/histogram.js";
import { type Cut } from "../../paging/window.js";
import { type ConnectionReads } from "../reading/page-with-retries.js";
import { type Attempt, withRetries } from "../reading/with-retries.js";
import { countBuckets, countValues } from "./count-logs.js";
import { type Bucket, type LevelCount, levelCounts, type SourceCount, sourceCounts } from "./facet-rows.js";
import { BY_LEVEL, BY_SOURCE } from "./facet.js";
import { type Newest, readNewest } from "./read-newest.js";

/** The last counts of some logs. They are valid as long as the newest rows are the same objects. */
type Memo = { readonly tails: readonly object[]; readonly totals: Cut; readonly rows: readonly object[] };

/** The maximum number of facets that are remembered for the same newest rows. */
const MEMOS_MAX = 4;
/** The maximum number of attempts if totals and rows contradict each other. */
const ATTEMPTS_MAX = 3;

/** The counts of an operation; synchronous if no read is needed. */
export type FacetReads = {
  /** The number of events of each level that match the page's filter without its levels. @throws GatewayError */
  readonly byLevel: (list: EventList) => readonly LevelCount[] | Promise<readonly LevelCount[]>;
  /** The number of events of each source that match the page's filter without its sources. @throws GatewayError */
  readonly bySource: (list: EventList) => readonly SourceCount[] | Promise<readonly SourceCount[]>;
  /** The number of events in each bucket of a time range. @throws GatewayError */
  readonly byTime: (
    list: EventList,
    request: HistogramRequest,
  ) => readonly Bucket[] | Promise<readonly Bucket[]>;
};

/** Counts the events of filters by level, source and time. */
export class FacetReader {
  /** Counts by the newest rows of the first log. They are dropped when the log has other newest rows. */
  readonly #memos = new WeakMap<object, Map<string, Memo>>();

  /** The reader of counts for one operation. */
  through(reads: ConnectionReads): FacetReads {
    return {
      byLevel: (list) =>
        (list.filter.levels === null ? (this.#known(list, "level") as readonly LevelCount[] | null) : null) ??
        run(this.#byLevel(reads, list)),
      bySource: (list) =>
        (list.filter.sources === null
          ? (this.#known(list, "source") as readonly SourceCount[] | null)
          : null) ?? run(this.#bySource(reads, list)),
      byTime: (list, request) =>
        (this.#known(list, nameOf(request)) as readonly Bucket[] | null) ??
        run(this.#byTime(reads, list, request)),
    };
  }

  *#byLevel(through: ConnectionReads, list: EventList): MaybeAsync<readonly LevelCount[]> {
    const scope = list.filter.levels === null ? list : without(list, "levels");
    return yield* this.#read(through, scope, "level", (newest, isLast) =>
      countValues(newest, BY_LEVEL, isLast, levelCounts),
    );
  }

  *#bySource(through: ConnectionReads, list: EventList): MaybeAsync<readonly SourceCount[]> {
    const scope = list.filter.sources === null ? list : without(list, "sources");
    return yield* this.#read(through, scope, "source", (newest, isLast) =>
      countValues(newest, BY_SOURCE, isLast, sourceCounts),
    );
  }

  *#byTime(
    through: ConnectionReads,
    list: EventList,
    request: HistogramRequest,
  ): MaybeAsync<readonly Bucket[]> {
    return yield* this.#read(through, list, nameOf(request), (newest, isLast) =>
      countBuckets(newest, request, isLast),
    );
  }

  /** @param scope its totals are empty if its filter is not the page's filter */
  *#read<T extends object>(
    { language, reads, nameLogs, asCaller }: ConnectionReads,
    { job, filter, totals, asOfMs }: EventList,
    name: string,
    count: (newest: Newest, isLast: boolean) => MaybeAsync<readonly T[]>,
  ): MaybeAsync<readonly T[]> {
    const logs = asCaller(nameLogs(job, filter, language).names);
    const recall = ({ tails, totals: counted }: Newest) => this.#recall(name, tails, counted);
    const remember = (newest: Newest, rows: readonly T[]): void => {
      this.#remember(name, newest, rows);
    };
    const attempt = function* ({ open, isLast }: Attempt): MaybeAsync<readonly T[]> {
      const newest = yield* readNewest(logs.map(open), totals, asOfMs);
      const known = recall(newest);
      if (known !== null) return known as readonly T[];
      const rows = yield* count(newest, isLast);
      remember(newest, rows);
      return rows;
    };
    return yield* withRetries(reads, ATTEMPTS_MAX, attempt);
  }

  /** Earlier counts of the state that a page shows; null if there are none. */
  #known({ tails, totals }: EventList, name: string): readonly object[] | null {
    return tails === null ? null : this.#recall(name, tails, totals);
  }

  #recall(name: string, tails: readonly object[], totals: Cut): readonly object[] | null {
    const [first] = tails;
    const memo = first === undefined ? undefined : this.#memos.get(first)?.get(name);
    return memo !== undefined && isSame(memo, tails, totals) ? memo.rows : null;
  }

  #remember(name: string, { tails, totals }: Newest, rows: readonly object[]): void {
    const [first] = tails;
    if (first === undefined) return;
    const memos = this.#memos.get(first) ?? new Map<string, Memo>();
    if (memos.size >= MEMOS_MAX) memos.clear();
    memos.set(name, { tails, totals, rows });
    this.#memos.set(first, memos);
  }
}

function nameOf({ buckets, startMs, endMs }: HistogramRequest): string {
  return `time:${buckets}:${startMs ?? ""}:${endMs ?? ""}`;
}

function without({ job, filter, asOfMs }: EventList, part: "levels" | "sources"): EventList {
  return { job, filter: { ...filter, [part]: null }, totals: [], asOfMs, tails: null };
}

function isSame(memo: Memo, tails: readonly object[], totals: Cut): boolean {
  if (tails.length !== memo.tails.length) return false;
  return tails.every((tail, log) => tail === memo.tails[log] && totals[log] === memo.totals[log]);
}
