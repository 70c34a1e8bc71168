import { type EventEdge } from "../../paging/connection.js";
import { isoTime } from "../../paging/iso-time.js";
import { type TrainingJobSource } from "../training-job.js";

/** One batch of a stream. Without edges, late edges and missed events it is a heartbeat. */
export type EventBatch = {
  readonly edges: readonly EventEdge[];
  /** The `after` of a stream that continues after this batch; null until the log has been read once. */
  readonly endCursor: string | null;
  /** Whether a reading that was not stale showed no further events. */
  readonly caughtUp: boolean;
  /** The number of late events before the stream's place that are not sent. */
  readonly missed: number;
  /** Late events before the stream's place. */
  readonly lateEdges: readonly EventEdge[];
  /** The batch shows the log as it was at this moment: RFC 3339 in UTC. */
  readonly asOf: string;
  readonly isStale: boolean;
  readonly trainingJob: TrainingJobSource;
};

/** The place of a stream in its log, with the state of the log there. Immutable, because many streams share one. */
export type StreamPlace = {
  readonly endCursor: string | null;
  readonly caughtUp: boolean;
  /** The moment of this state of the log, in milliseconds since the epoch. */
  readonly asOfMs: number;
  readonly isStale: boolean;
  /** The identities of the newest events up to this place, oldest first; null if they are not known. */
  readonly window: readonly string[] | null;
};

/** The batch of a place without new events. */
export function heartbeat(place: StreamPlace, trainingJob: TrainingJobSource): EventBatch {
  const { endCursor, caughtUp, isStale } = place;
  const asOf = isoTime(place.asOfMs);
  return { edges: [], endCursor, caughtUp, missed: 0, lateEdges: [], asOf, isStale, trainingJob };
}

/** The same place while the upstream fails, so that the end of the log is not known. */
export function unknownEnd(place: StreamPlace): StreamPlace {
  return { ...place, caughtUp: false, isStale: true };
}
