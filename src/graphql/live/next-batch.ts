import { pageAfter, type PageRequest, type StreamStart } from "../../paging/arguments.js";
import { type EventConnection, type EventEdge } from "../../paging/connection.js";
import { type EventFilter } from "../../paging/filter.js";
import { type TrainingJobSource } from "../training-job.js";
import { type EventBatch, type StreamPlace } from "./event-batch.js";
import { lateAmong, windowBehind, windowOf, WINDOW_EVENTS } from "./late-events.js";

/** The pages of one job, read within one operation. */
export type StreamReads = {
  readonly readPage: (page: PageRequest) => EventConnection | Promise<EventConnection>;
  /** For how long what was read is the newest that can be had, in milliseconds; null where it is stale. */
  readonly freshForMs: () => number | null;
};

/** What a stream reads: the events of a job that pass a filter. */
export type StreamSubject = {
  readonly job: TrainingJobSource;
  readonly filter: EventFilter;
};

/** A batch that was read, and where the stream is behind it. */
export type BatchRead = {
  readonly batch: EventBatch;
  readonly place: StreamPlace;
  /** Whether the log holds more that can be read at once. */
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
  const isFresh = reads.freshForMs() !== null;
  const shift = isFresh ? (page.anchorShift ?? 0) : 0;
  // Events that arrived late while the stream was interrupted are known by their number alone.
  const missed = Math.max(0, shift);
  return batchOf(job, page, reads, {
    edges: isShown ? page.edges : [],
    lateEdges: [],
    missed,
    endCursor,
    window: null,
    pending: 0,
  });
}

/**
 * Reads the batch behind a place. An event with a time before the place shifts the place's event, which is how it is
 * noticed; the window of the newest events tells which one it is.
 * @param keepsWindow whether the place behind the batch must know its window
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
  const unchanged = { edges, lateEdges: [], missed: 0, endCursor, window, pending: place.pending };
  if (reads.freshForMs() === null) return batchOf(job, page, reads, unchanged);
  const shift = page.anchorShift ?? 0;
  // Below a full batch with more behind it nothing is among the newest events.
  if (page.pageInfo.hasNextPage || edges.length >= WINDOW_EVENTS) {
    const missed = Math.max(0, place.pending + shift);
    return batchOf(job, page, reads, { ...unchanged, missed, pending: 0 });
  }
  if (shift === 0 && place.pending === 0 && (window !== null || !keepsWindow)) {
    return batchOf(job, page, reads, unchanged);
  }
  const newest = await reads.readPage({ ...pageAfter(filter, null), size: WINDOW_EVENTS, at: "end" });
  if (!endsLike(newest, page, place)) {
    // The log has moved on between the two pages. Where the cursor is new, it no longer tells the shift.
    const pending = edges.length > 0 ? place.pending + shift : place.pending;
    return batchOf(job, page, reads, { ...unchanged, pending });
  }
  const before = newest.edges.slice(0, newest.edges.length - edges.length);
  const lateEdges = place.window === null ? [] : lateAmong(place.window, before);
  return batchOf(job, page, reads, {
    edges,
    lateEdges,
    missed: Math.max(0, place.pending + shift - lateEdges.length),
    endCursor: newest.pageInfo.endCursor ?? endCursor,
    window: windowOf(newest.edges),
    pending: 0,
  });
}

/** Whether the newest events end with the edges of a page, and nothing was written between the two readings. */
function endsLike(newest: EventConnection, page: EventConnection, place: StreamPlace): boolean {
  if (newest.totalCount !== page.totalCount) return false;
  const [end, last] = [newest.edges.at(-1), page.edges.at(-1)];
  if (last !== undefined) return end?.cursor === last.cursor;
  // Without news the place's own event is the newest; its cursor is another one where it was shifted.
  return page.anchorShift !== 0 || end === undefined || end.cursor === place.endCursor;
}

type Found = Pick<StreamPlace, "endCursor" | "window" | "pending"> & {
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
  const { edges, lateEdges, missed, endCursor, window, pending } = found;
  const freshForMs = reads.freshForMs();
  const isStale = freshForMs === null;
  const { asOf } = page;
  const { hasNextPage } = page.pageInfo;
  const caughtUp = !hasNextPage && !isStale;
  return {
    batch: { edges, endCursor, caughtUp, missed, lateEdges, asOf, isStale, trainingJob },
    place: { endCursor, caughtUp, asOfMs: Date.parse(asOf), isStale, window, pending },
    // An empty page that promises more would be asked for without end.
    hasMore: hasNextPage && page.edges.length > 0,
    freshForMs,
  };
}

/** Whether a batch tells more than a heartbeat. */
export function isNews({ edges, lateEdges, missed }: EventBatch): boolean {
  return edges.length > 0 || lateEdges.length > 0 || missed > 0;
}
