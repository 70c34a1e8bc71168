import { type EventEdge } from "../../paging/connection.js";
import { isoTime } from "../../paging/iso-time.js";
import { type TrainingJobSource } from "../training-job.js";

/** What a stream sends at a time. Without edges, late edges and missed events it is a heartbeat. */
export type EventBatch = {
  readonly edges: readonly EventEdge[];
  /** `after` of the stream that continues behind this one; null as long as nothing could be read. */
  readonly endCursor: string | null;
  /** Whether the log holds nothing more, by a reading that was not stale. */
  readonly caughtUp: boolean;
  /** How many events arrived before the stream's place and are not sent. */
  readonly missed: number;
  /** Events that arrived before the stream's place. */
  readonly lateEdges: readonly EventEdge[];
  /** The batch is true to the log as it was at this moment: RFC 3339 in UTC. */
  readonly asOf: string;
  readonly isStale: boolean;
  readonly trainingJob: TrainingJobSource;
};

/** The place of a stream in its log, and what is known of the log there. Immutable: many streams share one. */
export type StreamPlace = {
  readonly endCursor: string | null;
  readonly caughtUp: boolean;
  /** When the log was as it is known here, in milliseconds since the epoch. */
  readonly asOfMs: number;
  readonly isStale: boolean;
  /** The newest events up to this place, oldest first, as identities; null where they are not known. */
  readonly window: readonly string[] | null;
  /** How many events arrived before this place that were neither sent nor counted as missed. */
  readonly pending: number;
};

/** The batch of a place that has nothing new. */
export function heartbeat(place: StreamPlace, trainingJob: TrainingJobSource): EventBatch {
  const { endCursor, caughtUp, isStale } = place;
  const asOf = isoTime(place.asOfMs);
  return { edges: [], endCursor, caughtUp, missed: 0, lateEdges: [], asOf, isStale, trainingJob };
}

/** The same place while the upstream fails. */
export function unknownEnd(place: StreamPlace): StreamPlace {
  return { ...place, caughtUp: false, isStale: true };
}
