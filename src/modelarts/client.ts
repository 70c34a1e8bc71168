import {
  type Language,
  type Level,
  type Source,
  type TimeRangeMs,
  type TrainingJobEvent,
} from "../training-job-event.js";

/** A call for some rows of a job's events, always oldest first (`order=asc`). */
export type EventsRequest = {
  readonly projectId: string;
  readonly jobId: string;
  readonly level: Level | null;
  readonly source: Source | null;
  /** Text that the message must contain (the upstream's `pattern`), or null. */
  readonly messageContains: string | null;
  readonly time: TimeRangeMs | null;
  readonly language: Language;
  /** The upstream's own `offset`, in rows or pages. */
  readonly offset: number;
  /** 1 to 100. */
  readonly limit: number;
  /** Default: oldest first. */
  readonly order?: "desc";
};

/** One answer: the rows, oldest first, and the number of all rows. */
export type EventsAnswer = { readonly total: number; readonly events: readonly TrainingJobEvent[] };

/**
 * Whose credentials go upstream: a caller's token, or, for `none`, those that the client was made with. A token passes
 * `isAuthToken`, and is never logged, stored or made part of a key in the clear.
 */
export type Credentials =
  | {
      readonly kind: "none";
      /** Tells callers apart, for a fair share of the queue; left out where callers show nothing. */
      readonly caller?: string;
      /** Whether the caller may read a project; left out where it may read every project. */
      readonly mayRead?: (projectId: string) => boolean;
    }
  | { readonly kind: "token"; readonly token: string };

/** The trace that a call belongs to, in the W3C's headers. They are sent upstream as the caller sent them. */
export type TraceContext = {
  /** 32 hexadecimal digits, for log lines. */
  readonly traceId: string;
  readonly traceparent: string;
  readonly tracestate: string | null;
};

/** Who makes a call, and how long it may take. */
export type CallContext = {
  readonly credentials: Credentials;
  /** Sent upstream as `X-Request-Id`. */
  readonly requestId: string;
  /** Of the operation that made the call first, where its caller named one. */
  readonly trace?: TraceContext | null;
  /** Aborted once no caller waits for the answer. */
  readonly signal: AbortSignal;
  /** The latest deadline of the callers that wait, in milliseconds since the epoch; it may move. */
  readonly deadlineMs: () => number;
};

/** Reads training jobs' events from ModelArts. Every failure is a GatewayError. */
export type ModelArtsClient = {
  listEvents(request: EventsRequest, call: CallContext): Promise<EventsAnswer>;
  /** Closes the sockets, after the calls in flight. */
  close(): Promise<void>;
};
