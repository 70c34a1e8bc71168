import { type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { typedChannels } from "../common/typed-channels.js";
import { typedTracing } from "../common/typed-tracing.js";
import { type LiveTransport } from "./metrics/live-metrics.js";

/** An HTTP request that has ended. */
export type EndedRequest = {
  readonly request: IncomingMessage;
  readonly requestId: string;
  /** The start, by `performance.now()`. */
  readonly startedMs: number;
  readonly durationMs: number;
  /** The pattern that the path matched. */
  readonly route: string;
  /** 499 if the client left before the answer. */
  readonly status: number;
  /** Whether the request contained a GraphQL operation. */
  readonly isOperation: boolean;
  /** Null for a request without an operation, and for an anonymous operation. */
  readonly operationName: string | null;
  /** The code of the operation's first error. */
  readonly code: string | null;
};

/** An operation of a live connection that has ended. */
export type EndedLiveOperation = {
  /** The headers of its client; they can name a trace. */
  readonly headers: IncomingHttpHeaders;
  readonly requestId: string;
  readonly transport: LiveTransport;
  readonly operationName: string | null;
  readonly isSubscription: boolean;
  /** The start, by `performance.now()`. */
  readonly startedMs: number;
  readonly batches: number;
  readonly events: number;
  /** The code of the error that ended it; null for none. */
  readonly code: string | null;
};

type RequestMessages = {
  /** Published before any code reads the headers. */
  "gateway:http:request-start": { readonly request: IncomingMessage };
  "gateway:http:request-end": EndedRequest;
  "gateway:live:operation-end": EndedLiveOperation;
};

export const { publish, subscribe } = typedChannels<RequestMessages>();

/** One GraphQL operation of a request. `way`: by its compiled plan in the fast path, or through Apollo Server. */
export type TracedOperation = { readonly request: IncomingMessage; readonly way: "plan" | "apollo" };

export const tracedOperation = typedTracing<TracedOperation>("gateway:graphql:operation");
