import { type PartRead } from "../log/log.js";
import { type Seal } from "../log/seal.js";
import { type EventsArguments } from "../paging/arguments.js";
import { type EventConnection } from "../paging/connection.js";
import { type JobRef } from "../paging/job.js";

/** Where the parts of logs came from that an operation has read. */
export type CacheReport = {
  readonly reads: readonly PartRead[];
  /** Whether the caller asked to see all of them, and may. */
  readonly isShown: boolean;
};

/** What the resolvers of one operation work with; a new one for each operation. */
export type OperationContext = {
  /** Names the operation in every log line of it. */
  readonly requestId: string;
  /** The project used when a query names none; null when there is none. */
  readonly defaultProjectId: string | null;
  /** What its pages were made of; grows while it runs. */
  readonly cache: CacheReport;
  /** Seals what was read so far; null where that is not worth it, or nothing was read. */
  readonly seal: () => Seal | null;
  /**
   * For how long what was read so far remains as new as answers have to be, in milliseconds; 0 where nothing was read,
   * null where something is from after its lifetime.
   */
  readonly freshForMs: () => number | null;
  /**
   * One page of a job's events.
   * @param withCursors whether any cursor of it is shown; without, a page may be had with one call less
   * @throws GatewayError arguments are checked first, then credentials, then cache and upstream
   */
  readonly readEvents: (
    job: JobRef,
    args: EventsArguments,
    withCursors: boolean,
  ) => EventConnection | Promise<EventConnection>;
};
