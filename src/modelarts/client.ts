import {
  type Language,
  type Level,
  type Source,
  type TimeRangeMs,
  type TrainingJobEvent,
} from "../training-job-event.js";

/** A call for some rows of a job's events. The gateway reads oldest first; only the probe reads the other order. */
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
  /** Absent for oldest first (`order=asc`). Only the probe sends `desc`. */
  readonly order?: "desc";
};

/** One answer: the rows in the order of the call, and the number of all rows. */
export type EventsAnswer = {
  readonly total: number;
  readonly events: readonly TrainingJobEvent[];
  /**
   * The number of first rows without a readable time. They have the time of the first row with one; if there is none,
   * NaN. Absent if all rows have one.
   */
  readonly untimed?: number;
};

/**
 * The credentials that are sent upstream: a caller's token, or, for `none`, the client's own credentials. A token has
 * passed `isAuthToken`. It is never logged or stored, and no key contains it in the clear.
 */
export type Credentials =
  | {
      readonly kind: "none";
      /** Identifies the caller, for a fair share of the queue; absent if callers send no credentials. */
      readonly caller?: string;
      /** Whether the caller may read a project; absent if it may read every project. */
      readonly mayRead?: (projectId: string) => boolean;
    }
  | { readonly kind: "token"; readonly token: string };

/** The W3C trace headers of a call, sent upstream as the caller sent them. */
export type TraceContext = {
  /** 32 hexadecimal digits, for log lines. */
  readonly traceId: string;
  readonly traceparent: string;
  readonly tracestate: string | null;
};

/** The caller and the time limits of a call. */
export type CallContext = {
  readonly credentials: Credentials;
  /**
   * The tenant for which the answer is stored; absent if it is not stored. The client's own credentials must belong to
   * this tenant.
   */
  readonly tenant?: string;
  /** Sent upstream as `X-Request-Id`. */
  readonly requestId: string;
  /** The trace of the operation that made the call first, if its caller sent one. */
  readonly trace?: TraceContext | null;
  /** Aborted once no caller waits for the answer. */
  readonly signal: AbortSignal;
  /** The latest deadline of the waiting callers, in milliseconds since the epoch; it may change. */
  readonly deadlineMs: () => number;
};

/** Reads training jobs' events from ModelArts. Every failure is a GatewayError. */
export type ModelArtsClient = {
  listEvents(request: EventsRequest, call: CallContext): Promise<EventsAnswer>;
  /** Waits for the calls in flight, then closes the sockets. */
  close(): Promise<void>;
};
