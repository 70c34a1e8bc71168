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

/** What the headers of an HTTP request say about the operation in it. */
export type RequestInfo = {
  readonly requestId: string;
  /**
   * The caller's `X-Auth-Token`, which must never be logged. Null without one, an UNAUTHENTICATED error for one that
   * ModelArts cannot have issued. The error is thrown only where a token is needed, after the arguments are checked.
   */
  readonly authToken: string | GatewayError | null;
  /** Whether the caller may use the gateway. A refusal is thrown where the errors of tokens are. */
  readonly authorization: CallerAuthorization;
  readonly language: Language;
  /** Its signal is aborted at the deadline and when the client has left. */
  readonly deadline: OperationDeadline;
  /** Whether the caller asks by `X-Cache-Debug: 1` where the data came from. */
  readonly asksForCache: boolean;
  /** The greatest age of the data that the caller accepts, in milliseconds; null where it accepts any. */
  readonly maxAgeMs: number | null;
  /** The trace that the request belongs to; null where it names none. */
  readonly trace: TraceContext | null;
};

/** The parts of a request that its operation depends on. */
export type Asking = Pick<FastifyRequest, "id" | "headers">;

export function requestInfo(
  request: Asking,
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

/** A header as one text. Node joins repeated headers of the names used here with commas. */
export function header(request: Pick<FastifyRequest, "headers">, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

/** The query string with its question mark, or nothing. */
export function searchOf(request: FastifyRequest): string {
  const start = request.url.indexOf("?");
  return start < 0 ? "" : request.url.slice(start);
}

function authTokenOf(text: string | undefined): RequestInfo["authToken"] {
  if (text === undefined || text === "") return null;
  if (text.length > AUTH_TOKEN_MAX) {
    return new GatewayError("UNAUTHENTICATED", `X-Auth-Token is longer than ${AUTH_TOKEN_MAX} bytes.`);
  }
  if (!isAuthToken(text)) {
    return new GatewayError("UNAUTHENTICATED", "X-Auth-Token holds characters that no token has.");
  }
  return text;
}
