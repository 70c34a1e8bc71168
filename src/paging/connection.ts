import { type EventFilter } from "./filter.js";
import { type JobRef } from "./job.js";
import { type Cut } from "./window.js";
import { type Level, type Source } from "../training-job-event.js";

/** An event in the form of the schema; `time` is RFC 3339 in UTC. */
export type EventNode = {
  /** Identifies the event in every list. A page that was read without IDs has none. */
  readonly id: string;
  readonly time: string;
  readonly level: Level | null;
  readonly source: Source | null;
  /** As ModelArts wrote them. */
  readonly levelText: string | null;
  readonly sourceText: string | null;
  readonly message: string;
};

export type EventEdge = { readonly cursor: string; readonly node: EventNode };

/** The events from which a page shows a part. The counts of the page are those of the same events. */
export type EventList = {
  readonly job: JobRef;
  readonly filter: EventFilter;
  /** The number of events of each log of the filter. */
  readonly totals: Cut;
  /** The moment of these numbers, in milliseconds since the epoch. */
  readonly asOfMs: number;
  /** The newest rows of each log, if the page was read with them. Counts are cached for these objects. */
  readonly tails: readonly object[] | null;
};

/** The data that a page must be read with. */
export type PageNeed =
  /** Cursors; a page without cursors can need one call less. */
  | "cursors"
  /** The IDs of its events. */
  | "ids"
  /** The data that the counts of the page need. */
  | "counts"
  /** The current state of the log. Without this need, a stale page replaces a read that takes too long. */
  | "renewal";
export type PageNeeds = ReadonlySet<PageNeed>;

/** One page of events, with the fields of the schema's connection. */
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
  /** The time at which the log had the state that the page shows: RFC 3339 in UTC. */
  readonly asOf: string;
  /** Whether the page is stale: its lifetime is over, and the upstream fails or is slow (stale-if-error). */
  readonly isStale: boolean;
  /** The cursor of the beginning of an empty log, if cursors are selected, so that a stream can continue after it. */
  readonly beginning?: string | undefined;
  /**
   * The change in the number of events before the event of `after` since that cursor was written: events that arrived
   * late, minus events that were trimmed away.
   */
  readonly anchorShift?: number;
};

/** A page together with its list. */
export type EventPage = EventConnection & { readonly list: EventList };
