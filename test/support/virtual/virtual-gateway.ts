import { type BlockStore } from "../../../src/cache/block-store.js";
import { type FlightLock, noLock } from "../../../src/cache/flight-lock.js";
import { createTenancy } from "../../../src/cache/keys.js";
import { createMemoryStore } from "../../../src/cache/memory-store.js";
import { News, withNews } from "../../../src/cache/news.js";
import { type OperationContext } from "../../../src/graphql/context.js";
import { createEventsReader, type OperationReads } from "../../../src/event-log/events-reader.js";
import { createLogNames } from "../../../src/event-log/log-names.js";
import { createLogWatch, type WatchLogs } from "../../../src/event-log/log-watch.js";
import { type Bucket } from "../../../src/event-log/facets/facet-rows.js";
import { type EventsArguments, parseEventsArguments } from "../../../src/paging/arguments.js";
import { type EventPage, type PageNeed, type PageNeeds } from "../../../src/paging/connection.js";
import { type HistogramArguments, parseHistogram } from "../../../src/paging/histogram.js";
import { type Language } from "../../../src/training-job-event.js";
import { type VirtualModelArts } from "./virtual-modelarts.js";

export const JOB = { projectId: "demo-project", jobId: "job" };
export const HEAD_TTL_MS = 2_000;
export const SETTLED_TTL_MS = 60_000;
export const STALE_MS = 300_000;

/** A walk of more pages is a fault: without this limit it would never end. */
const WALK_PAGES_MAX = 1_000;

const CURSORS: PageNeeds = new Set<PageNeed>(["cursors"]);

type VirtualOptions = {
  readonly cacheMaxBytes?: number;
  readonly maxUpstreamCalls?: number;
  /** A shared cache; its name separates it from others in the same Redis. */
  readonly shared?: { readonly store: BlockStore; readonly lock: FlightLock; readonly name: string } | null;
};

/** The reading part of one gateway process, with its own cache, over a virtual upstream. */
export class VirtualGateway {
  /** Called for each read of any operation of this process. */
  readonly watch: WatchLogs;
  readonly #reader: ReturnType<typeof createEventsReader>;

  constructor(
    private readonly upstream: VirtualModelArts,
    offset: "row" | "page" | "auto" = "auto",
    { cacheMaxBytes = 64 * 1024 * 1024, maxUpstreamCalls = 1_000, shared = null }: VirtualOptions = {},
  ) {
    const nowMs = (): number => this.upstream.nowMs;
    const tenancy = createTenancy({ secret: "virtual", upstream: shared?.name ?? "virtual" });
    const news = new News(null);
    const store = shared?.store ?? createMemoryStore({ maxBytes: (cacheMaxBytes * 3) / 4, nowMs });
    const nameLogs = createLogNames(tenancy);
    this.watch = createLogWatch(nameLogs, tenancy, news);
    this.#reader = createEventsReader({
      client: upstream,
      store: withNews(store, news),
      lock: shared?.lock ?? noLock,
      tenancy,
      nameLogs,
      lifetimes: {
        headTtlMs: HEAD_TTL_MS,
        settledTtlMs: SETTLED_TTL_MS,
        staleMs: STALE_MS,
        staleWaitMs: 1_000,
      },
      decodedMaxBytes: cacheMaxBytes / 4,
      offset,
      maxUpstreamCalls,
      nowMs,
    });
  }

  /** An operation without a deadline. */
  operation(language: Language = null): OperationReads {
    return this.#reader({
      requestId: "test",
      credentials: { kind: "none" },
      language,
      deadline: { signal: new AbortController().signal, deadlineMs: Number.MAX_SAFE_INTEGER },
    });
  }

  /** One operation that reads a page and all its counts. */
  async readFacets(
    page: Partial<EventsArguments> = {},
    histogram: HistogramArguments = {},
  ): Promise<EventPage & { levels: unknown; sources: unknown; buckets: readonly Bucket[] }> {
    const reads = this.operation();
    const connection = await reads.readEvents(
      JOB,
      parseEventsArguments({ order: "NEWEST_FIRST", ...page }),
      new Set(["cursors", "ids", "counts"]),
    );
    const { list } = connection;
    const [levels, sources, buckets] = await Promise.all([
      reads.counts.byLevel(list),
      reads.counts.bySource(list),
      reads.counts.byTime(list, parseHistogram(histogram)),
    ]);
    return {
      ...connection,
      levels: Object.fromEntries(levels.map(({ level, count }) => [level, count])),
      sources: Object.fromEntries(sources.map(({ source, count }) => [source, count])),
      buckets,
    };
  }

  /** One operation that requests these pages at the same time. */
  readAll(
    pages: readonly Partial<EventsArguments>[],
    language: Language = null,
    withCursors = true,
    withIds = false,
  ): Promise<EventPage[]> {
    const { readEvents } = this.operation(language);
    const needs = new Set<PageNeed>([
      ...(withCursors ? CURSORS : []),
      ...(withIds ? (["ids"] as const) : []),
    ]);
    return Promise.all(
      pages.map(async (page) =>
        readEvents(JOB, parseEventsArguments({ order: "NEWEST_FIRST", ...page }), needs),
      ),
    );
  }

  /** The context of one operation of a stream. */
  contextFor(signal: AbortSignal): OperationContext {
    const { readEvents, counts, freshForMs, viewer } = this.#reader({
      requestId: "test",
      credentials: { kind: "none" },
      language: null,
      deadline: { signal, deadlineMs: Number.MAX_SAFE_INTEGER },
    });
    return {
      requestId: "test",
      language: null,
      defaultProjectId: null,
      singleProject: false,
      cache: { reads: [], isShown: false },
      seal: () => null,
      authorizedUntilMs: Infinity,
      readEvents,
      counts,
      jobs: () => [],
      freshForMs,
      viewer,
    };
  }

  /** One operation that requests one page. */
  async read(page: Partial<EventsArguments>, language: Language = null, withIds = false): Promise<EventPage> {
    const [connection] = await this.readAll([page], language, true, withIds);
    if (connection === undefined) throw new Error("One page was asked for.");
    return connection;
  }

  /**
   * Reads the list forward to its end, page by page.
   * @param page the arguments of each page, except `after`
   * @param between called after each page except the last one
   * @returns the messages of the events
   */
  async walk(page: Partial<EventsArguments>, between: () => void = () => undefined): Promise<string[]> {
    const messages: string[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < WALK_PAGES_MAX; pages += 1) {
      const { nodes, pageInfo } = await this.read({ ...page, after });
      messages.push(...nodes.map(({ message }) => message));
      if (!pageInfo.hasNextPage) return messages;
      after = pageInfo.endCursor;
      between();
    }
    throw new Error("The walk did not come to its end.");
  }
}
