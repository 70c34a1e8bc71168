import { type EventsArguments } from "../paging/arguments.js";
import { type EventConnection } from "../paging/connection.js";
import { type JobRef } from "../paging/job.js";

/** What the resolvers of one operation work with; a new one for each operation. */
export type OperationContext = {
  /** Names the operation in every log line of it. */
  readonly requestId: string;
  /** The project used when a query names none; null when there is none. */
  readonly defaultProjectId: string | null;
  /**
   * One page of a job's events.
   * @throws GatewayError arguments are checked first, then credentials, then cache and upstream
   */
  readonly readEvents: (job: JobRef, args: EventsArguments) => Promise<EventConnection>;
};
