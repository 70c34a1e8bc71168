import {
  type Language,
  type Level,
  type Source,
  type TimeRangeMs,
  type TrainingJobEvent,
} from "../training-job-event.js";

/** Which rows of which job's events to ask for, always oldest first (`order=asc`). */
export type EventsRequest = {
  readonly projectId: string;
  readonly jobId: string;
  readonly level: Level | null;
  readonly source: Source | null;
  /** Text that the message must contain (the upstream's `pattern`), or null. */
  readonly messageContains: string | null;
  readonly time: TimeRangeMs | null;
  readonly language: Language;
  /** The upstream's own `offset`, whatever it counts there. */
  readonly offset: number;
  /** 1 to 100. */
  readonly limit: number;
  /** Default: oldest first. */
  readonly order?: "desc";
};

/** One answer: the rows, oldest first, and how many there are in all. */
export type EventsAnswer = { readonly total: number; readonly events: readonly TrainingJobEvent[] };

/**
 * Who asks the upstream: a caller by its token, or, with `none` of a caller's, the gateway itself, by whatever the
 * client was made with. A token is one by `isAuthToken`, and is never logged, stored or made part of a key in the clear.
 */
export type Credentials = { readonly kind: "none" } | { readonly kind: "token"; readonly token: string };

/** On whose behalf a call is made and how long it may take. */
export type CallContext = {
  readonly credentials: Credentials;
  /** Sent upstream as `X-Request-Id`. */
  readonly requestId: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** The latest moment at which anybody still waits, in milliseconds since the epoch; may move while waiting. */
  readonly deadlineMs: () => number;
};

/** Reads training jobs' events from ModelArts. Every failure is a GatewayError. */
export type ModelArtsClient = {
  listEvents(request: EventsRequest, call: CallContext): Promise<EventsAnswer>;
  /** Closes the sockets, after the calls in flight. */
  close(): Promise<void>;
};
