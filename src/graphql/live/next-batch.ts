import { pageAfter, type PageRequest, type StreamStart } from "../../paging/arguments.js";
import { type EventConnection, type EventEdge } from "../../paging/connection.js";
import { type EventFilter } from "../../paging/filter.js";
import { type TrainingJobSource } from "../training-job.js";
import { type EventBatch, type StreamPlace } from "./event-batch.js";
import { lateAmong, windowBehind, windowOf, WINDOW_EVENTS } from "./late-events.js";

/** Reads pages of one job within one operation. */
export type StreamReads = {
  readonly readPage: (page: PageRequest) => EventConnection | Promise<EventConnection>;
  /** How long the pages stay fresh, in milliseconds; null if they are stale. */
  readonly freshForMs: () => number | null;
};

/** The subject of a stream: a job and a filter of its events. */
export type StreamSubject = {
  readonly job: TrainingJobSource;
  readonly filter: EventFilter;
};

/** A batch that was read, and the place of the stream after it. */
export type BatchRead = {
  readonly batch: EventBatch;
  readonly place: StreamPlace;
  /** Whether the log has more events that can be read at once. */
  readonly hasMore: boolean;
  readonly freshForMs: number | null;
};

/** Reads the first batch of a stream. */
export async function firstBatch(
  { job }: StreamSubject,
  { page: request, isShown }: StreamStart,
  reads: StreamReads,
): Promise<BatchRead> {
  const page = await reads.readPage(request);
  const endCursor = page.pageInfo.endCursor ?? request.after?.cursor ?? page.beginning ?? null;
  // Without events, the place keeps its cursor, so that the next batch counts the late events.
  // Only the number of events that arrived late during an interruption is known.
  const missed = page.edges.length > 0 ? lateOf(page) : 0;
  return batchOf(job, page, reads, {
    edges: isShown ? page.edges : [],
    lateEdges: [],
    missed,
    endCursor,
    window: null,
  });
}

/**
 * Reads the batch after a place. A late event before the place raises the ordinal of the place's event, which shows
 * that there is one. The window of the newest events shows which event is late.
 * @param keepsWindow whether the place after the batch must have a window
 */
export async function nextBatch(
  { job, filter }: StreamSubject,
  place: StreamPlace,
  reads: StreamReads,
  keepsWindow: boolean,
): Promise<BatchRead> {
  const after = place.endCursor === null ? null : { cursor: place.endCursor, argument: "after" };
  const page = await reads.readPage(pageAfter(filter, after));
  const { edges } = page;
  const endCursor = page.pageInfo.endCursor ?? place.endCursor ?? page.beginning ?? null;
  const window = place.window === null ? null : windowBehind(place.window, edges);
  const late = lateOf(page);
  const unchanged = { edges, lateEdges: [], missed: 0, endCursor, window };
  // A cursor of a new event does not show which events came late before. They are counted with this batch, or never.
  const counted = { ...unchanged, missed: late, window: null };
  if (reads.freshForMs() === null) {
    return batchOf(job, page, reads, edges.length > 0 && late > 0 ? counted : unchanged);
  }
  // If the batch is full or has more events after it, late events before it are not among the newest events.
  if (page.pageInfo.hasNextPage || edges.length >= WINDOW_EVENTS) {
    return batchOf(job, page, reads, { ...unchanged, missed: late });
  }
  if ((page.anchorShift ?? 0) === 0 && (window !== null || !keepsWindow))
    return batchOf(job, page, reads, unchanged);
  const newest = await reads.readPage({ ...pageAfter(filter, null), size: WINDOW_EVENTS, at: "end" });
  if (!endsLike(newest, page, place)) {
    // The log has grown between the two pages.
    return batchOf(job, page, reads, edges.length > 0 ? counted : unchanged);
  }
  const before = newest.edges.slice(0, newest.edges.length - edges.length);
  const lateEdges = place.window === null ? [] : lateAmong(place.window, before);
  return batchOf(job, page, reads, {
    edges,
    lateEdges,
    missed: Math.max(0, late - lateEdges.length),
    endCursor: newest.pageInfo.endCursor ?? endCursor,
    window: windowOf(newest.edges),
  });
}

/** The number of events that arrived before the event of a page's `after` since that cursor was written. */
function lateOf({ anchorShift = 0 }: EventConnection): number {
  return Math.max(0, anchorShift);
}

/** Whether the newest events end with the edges of a page, so that no event was written between the two readings. */
function endsLike(newest: EventConnection, page: EventConnection, place: StreamPlace): boolean {
  if (newest.totalCount !== page.totalCount) return false;
  const [end, last] = [newest.edges.at(-1), page.edges.at(-1)];
  if (last !== undefined) return end?.cursor === last.cursor;
  // Without new events, the place's event is the newest one. Its cursor differs if its ordinal has changed.
  return page.anchorShift !== 0 || end === undefined || end.cursor === place.endCursor;
}

type Found = Pick<StreamPlace, "endCursor" | "window"> & {
  readonly edges: readonly EventEdge[];
  readonly lateEdges: readonly EventEdge[];
  readonly missed: number;
};

function batchOf(
  trainingJob: TrainingJobSource,
  page: EventConnection,
  reads: StreamReads,
  found: Found,
): BatchRead {
  const { edges, lateEdges, missed, endCursor, window } = found;
  const freshForMs = reads.freshForMs();
  const isStale = freshForMs === null;
  const { asOf } = page;
  const { hasNextPage } = page.pageInfo;
  const caughtUp = !hasNextPage && !isStale;
  return {
    batch: { edges, endCursor, caughtUp, missed, lateEdges, asOf, isStale, trainingJob },
    place: { endCursor, caughtUp, asOfMs: Date.parse(asOf), isStale, window },
    // An empty page with `hasNextPage` would be read again without end.
    hasMore: hasNextPage && page.edges.length > 0,
    freshForMs,
  };
}

/** Whether a batch is more than a heartbeat. */
export function isNews({ edges, lateEdges, missed }: EventBatch): boolean {
  return edges.length > 0 || lateEdges.length > 0 || missed > 0;
}
