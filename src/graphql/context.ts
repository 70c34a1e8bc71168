import { type DocumentNode, type OperationDefinitionNode } from "graphql";
import { type FacetReads } from "../event-log/facets/read-facets.js";
import { type PartRead } from "../event-log/event-log.js";
import { type Seal } from "../event-log/store/seal.js";
import { type PageRequest } from "../paging/arguments.js";
import { type EventPage, type PageNeeds } from "../paging/connection.js";
import { type JobRef } from "../paging/job.js";
import { type Language } from "../training-job-event.js";
import { type ProjectScope } from "./training-job.js";

/** The sources of the parts of logs that an operation has read. */
export type CacheReport = {
  readonly reads: readonly PartRead[];
  /** Whether the answer shows all reads: the caller asked for it and is allowed to see it. */
  readonly isShown: boolean;
};

/** The context of the resolvers; each operation has its own. */
export type OperationContext = ProjectScope & {
  /** The ID in every log line of the operation. */
  readonly requestId: string;
  /** The language in which its logs are read. */
  readonly language: Language;
  /** The sources of its pages; grows while the operation runs. */
  readonly cache: CacheReport;
  /** An object that all operations of a batch share; undefined outside of a batch. */
  readonly batch?: object;
  /** The first jobs that were read, with repetitions, for logs. */
  readonly jobs: () => readonly JobRef[];
  /** Makes a seal over the reads so far; null if there were none, or if the answer is not worth keeping. */
  readonly seal: () => Seal | null;
  /**
   * How long the data read so far stays fresh, in milliseconds; 0 if nothing was read, null if some of it is stale.
   */
  readonly freshForMs: () => number | null;
  /** The time until which the caller is authorized without another check, in milliseconds since the epoch. */
  readonly authorizedUntilMs: number;
  /** A text that is equal for callers who see the same data: those with the same rights and the same language. */
  readonly viewer: () => string;
  /**
   * Reads one page of a job's events. Cursors are checked first, then credentials, then cache and upstream.
   * @throws GatewayError
   */
  readonly readEvents: (
    job: JobRef,
    request: PageRequest,
    needs: PageNeeds,
  ) => EventPage | Promise<EventPage>;
  /** Counts the events of a page's filter; the numbers ignore the filter's own levels, or its own sources. */
  readonly counts: FacetReads;
};

/** Starts an operation with its own deadline. Call `end` when it ends. It is cancelled when the signal is aborted. */
export type BeginOperation = (signal: AbortSignal) => Promise<{
  readonly context: OperationContext;
  readonly end: () => void;
}>;

/** The context of an operation that came by a live connection. */
export type LiveContext = OperationContext & {
  readonly live: {
    /** Called if the operation is a subscription that may run. */
    readonly onSubscription: (subscription: ValidOperation) => void;
  };
};

/** An operation and its validated document. */
export type ValidOperation = {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
};

/** Whether an operation came by a live connection. */
export function isLive(context: OperationContext): context is LiveContext {
  return "live" in context;
}
