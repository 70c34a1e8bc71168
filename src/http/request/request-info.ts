import { type FastifyRequest } from "fastify";
import { GatewayError } from "../../errors.js";
import { type TraceContext } from "../../modelarts/client.js";
import { AUTH_TOKEN_MAX, isAuthToken } from "../../modelarts/credentials/auth-token.js";
import { type Language } from "../../training-job-event.js";
import { languageOf } from "./language.js";
import { maxAgeMsOf } from "./max-age.js";
import { traceContextOf } from "./trace-context.js";
import { type OperationDeadline } from "./deadline.js";
import { type CallerAuthorization } from "../caller-authorization.js";

/** The values from the headers of an HTTP request that its operation needs. */
export type RequestInfo = {
  readonly requestId: string;
  /**
   * The caller's `X-Auth-Token`, which must never be logged. Null if there is none, an UNAUTHENTICATED error if
   * ModelArts cannot have issued it. The error is thrown only when a token is needed, after the arguments are checked.
   */
  readonly authToken: string | GatewayError | null;
  /** Whether the caller may use the gateway. A refusal is thrown at the same place as the errors of tokens. */
  readonly authorization: CallerAuthorization;
  readonly language: Language;
  /** The deadline. Its signal is aborted when the time is over or the client has left. */
  readonly deadline: OperationDeadline;
  /** Whether the caller requests the sources of the data with `X-Cache-Debug: 1`. */
  readonly asksForCache: boolean;
  /** The highest age of data that the caller accepts, in milliseconds; null if it accepts any age. */
  readonly maxAgeMs: number | null;
  /** The trace of the request; null without a valid `traceparent`. */
  readonly trace: TraceContext | null;
};

/** The parts of a request that its operation needs. */
export type RequestHead = Pick<FastifyRequest, "id" | "headers">;

export function requestInfo(
  request: RequestHead,
  deadline: OperationDeadline,
  authorization: CallerAuthorization,
): RequestInfo {
  return {
    requestId: request.id,
    authToken: authTokenOf(header(request, "x-auth-token")),
    authorization,
    language: languageOf(header(request, "x-language"), header(request, "accept-language")),
    deadline,
    asksForCache: header(request, "x-cache-debug") === "1",
    maxAgeMs: maxAgeMsOf(header(request, "cache-control")),
    trace: traceContextOf(header(request, "traceparent"), header(request, "tracestate")),
  };
}

/** A header as one string. Node joins repeated headers of the names used here with commas. */
export function header(request: Pick<FastifyRequest, "headers">, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

/** An empty name of an operation in a query string. GraphQL over HTTP says that it is the same as no name. */
const EMPTY_OPERATION_NAME = /(?<=[?&])operationName=(?=&|$)/g;

/** The query string with its question mark and without an empty `operationName`, or an empty string. */
export function searchOf(request: FastifyRequest): string {
  const start = request.url.indexOf("?");
  return start < 0 ? "" : request.url.slice(start).replace(EMPTY_OPERATION_NAME, "");
}

function authTokenOf(text: string | undefined): RequestInfo["authToken"] {
  if (text === undefined || text === "") return null;
  if (text.length > AUTH_TOKEN_MAX) {
    return new GatewayError("UNAUTHENTICATED", `X-Auth-Token is longer than ${AUTH_TOKEN_MAX} bytes.`);
  }
  if (!isAuthToken(text)) {
    return new GatewayError(
      "UNAUTHENTICATED",
      "X-Auth-Token contains characters that are not allowed in a token.",
    );
  }
  return text;
}
