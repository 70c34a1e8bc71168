import { type EventFilter } from "./filter.js";
import { type JobRef } from "./job.js";
import { type Cut } from "./window.js";
import { type Level, type Source } from "../training-job-event.js";

/** An event as the graph shows it; `time` is RFC 3339 in UTC. */
export type EventNode = {
  /** The event itself, whatever list shows it. A page that was read without IDs has none. */
  readonly id: string;
  readonly time: string;
  readonly level: Level | null;
  readonly source: Source | null;
  readonly message: string;
};

export type EventEdge = { readonly cursor: string; readonly node: EventNode };

/** What a page shows events of: what is counted beside the page is counted of the same events. */
export type PageOrigin = {
  readonly job: JobRef;
  readonly filter: EventFilter;
  /** How many events each log of the filter holds. */
  readonly totals: Cut;
};

/** What a page is to be read with. */
export type PageNeed =
  /** Cursors; without any, a page can take one call less. */
  | "cursors"
  /** The IDs of its events. */
  | "ids"
  /** What numbers of events that are counted beside it depend on. */
  | "counts";
export type PageNeeds = ReadonlySet<PageNeed>;

/** One page of events, with the fields that the graph's connection has. */
export type EventConnection = {
  readonly edges: readonly EventEdge[];
  readonly nodes: readonly EventNode[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
  /** The page is true to the log as it was at this moment: RFC 3339 in UTC. */
  readonly asOf: string;
  /** Whether it stands in after its lifetime because the upstream fails. */
  readonly isStale: boolean;
  /** The cursor of the beginning of an empty log, if cursors are selected, so that a stream can continue after it. */
  readonly beginning?: string | undefined;
  /**
   * How many more events lie before the event of `after` than when that cursor was written: those that arrived late,
   * less those that were trimmed away.
   */
  readonly anchorShift?: number;
};

/** A page as it was read. */
export type EventPage = EventConnection & { readonly origin: PageOrigin };
