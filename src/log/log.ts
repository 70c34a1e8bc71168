import { type Credentials, type EventsRequest } from "../modelarts/client.js";

/**
 * What one job's events under one single filter, in one language, are to one tenant: a list that grows at its
 * newest end. An event's place in it, counted from the oldest, is its ordinal.
 */
export type Log = {
  /** What the cache keys of all its parts begin with. */
  readonly prefix: string;
  readonly request: Omit<EventsRequest, "offset" | "limit">;
  readonly credentials: Credentials;
};

/** On whose behalf a log is read, and how long it may take. */
export type ReadCall = {
  readonly requestId: string;
  /** When the operation began: what was read since then is fresh to it, however long it takes. */
  readonly startedAtMs: number;
  readonly signal: AbortSignal;
  readonly deadlineMs: () => number;
  /**
   * Counts one upstream call.
   * @throws GatewayError OPERATION_TOO_COMPLEX when the operation has made as many as it may
   */
  readonly charge: () => void;
};
