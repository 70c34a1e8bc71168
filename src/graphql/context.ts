import { type DocumentNode, type OperationDefinitionNode } from "graphql";
import { type FacetReads } from "../event-log/facets/read-facets.js";
import { type PartRead } from "../event-log/event-log.js";
import { type Seal } from "../event-log/store/seal.js";
import { type PageRequest } from "../paging/arguments.js";
import { type EventPage, type PageNeeds } from "../paging/connection.js";
import { type JobRef } from "../paging/job.js";
import { type ProjectScope } from "./training-job.js";

/** Where the parts of logs came from that an operation has read. */
export type CacheReport = {
  readonly reads: readonly PartRead[];
  /** Whether the caller asked to see all of them, and may. */
  readonly isShown: boolean;
};

/** What the resolvers of one operation work with; a new one for each operation. */
export type OperationContext = ProjectScope & {
  /** Names the operation in every log line of it. */
  readonly requestId: string;
  /** What its pages were made of; grows while it runs. */
  readonly cache: CacheReport;
  /** Seals what was read so far; null where that is not worth it, or nothing was read. */
  readonly seal: () => Seal | null;
  /**
   * For how long what was read so far remains as new as answers have to be, in milliseconds; 0 where nothing was read,
   * null where something is from after its lifetime.
   */
  readonly freshForMs: () => number | null;
  /** Until when the caller may use the gateway without another check, in milliseconds since the epoch. */
  readonly authorizedUntilMs: number;
  /** The same text for callers who see the same: with the same rights, in the same language. */
  readonly viewer: () => string;
  /**
   * One page of a job's events.
   * @throws GatewayError cursors are checked first, then credentials, then cache and upstream
   */
  readonly readEvents: (
    job: JobRef,
    request: PageRequest,
    needs: PageNeeds,
  ) => EventPage | Promise<EventPage>;
  /** Counts the events of a page's filter; the numbers ignore the filter's own levels, or its own sources. */
  readonly counts: FacetReads;
};

/** Begins an operation with a deadline of its own, until its end is told; it is given up when the signal is aborted. */
export type BeginOperation = (signal: AbortSignal) => Promise<{
  readonly context: OperationContext;
  readonly end: () => void;
}>;

/** The context of an operation that came by a connection which stays open. */
export type LiveContext = OperationContext & {
  readonly live: {
    /** Called when the operation is a subscription that may run. */
    readonly onSubscription: (subscription: ValidOperation) => void;
  };
};

/** An operation and the validated document that it stands in. */
export type ValidOperation = {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
};

/** Whether an operation came by a connection that stays open. */
export function isLive(context: OperationContext): context is LiveContext {
  return "live" in context;
}
