import { type IncomingMessage } from "node:http";
import { typedChannels } from "../common/typed-channels.js";
import { typedTracing } from "../common/typed-tracing.js";

/** An HTTP request whose response is closed. */
export type EndedRequest = {
  readonly request: IncomingMessage;
  readonly requestId: string;
  /** Of the performance clock. */
  readonly startedMs: number;
  readonly durationMs: number;
  /** The pattern that the path matched. */
  readonly route: string;
  /** 499 where the client left first. */
  readonly status: number;
  /** Whether the request held a GraphQL operation. */
  readonly isOperation: boolean;
  /** Null for a request that is no GraphQL operation, or a nameless one. */
  readonly operationName: string | null;
  /** The code of the operation's first error. */
  readonly code: string | null;
};

type RequestMessages = {
  /** Before anything reads the headers. */
  "gateway:http:request-start": { readonly request: IncomingMessage };
  "gateway:http:request-end": EndedRequest;
};

export const { publish, subscribe } = typedChannels<RequestMessages>();

/** One GraphQL operation of a request. `way`: by its compiled plan at the socket, or through Apollo Server. */
export type TracedOperation = { readonly request: IncomingMessage; readonly way: "plan" | "apollo" };

export const tracedOperation = typedTracing<TracedOperation>("gateway:graphql:operation");
