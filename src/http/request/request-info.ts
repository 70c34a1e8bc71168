import { type FastifyRequest } from "fastify";
import { GatewayError } from "../../errors.js";
import { AUTH_TOKEN_MAX, isAuthToken } from "../../modelarts/credentials/auth-token.js";
import { type Language } from "../../training-job-event.js";
import { languageOf } from "./language.js";
import { type OperationDeadline } from "./deadline.js";
import { type CallerAuthorization } from "../caller-authorization.js";

/** What an HTTP request tells about the operation in it. */
export type RequestInfo = {
  readonly requestId: string;
  /**
   * The caller's `X-Auth-Token`, which must never be logged; null without one, an UNAUTHENTICATED for one that no
   * upstream could have given. Whether that matters is for those to say who need a token, after the arguments.
   */
  readonly authToken: string | GatewayError | null;
  /** Whether the caller may ask at all; what speaks against it is said where a token's faults are. */
  readonly standing: CallerAuthorization;
  readonly language: Language;
  /** Its signal is aborted at the deadline and when the client has gone away. */
  readonly deadline: OperationDeadline;
  /** Whether the caller asks what the answer was made of, by `X-Cache-Debug: 1`. */
  readonly asksForCache: boolean;
};

/** A request as far as its operation depends on it. */
export type Asking = Pick<FastifyRequest, "id" | "headers">;

export function requestInfo(
  request: Asking,
  deadline: OperationDeadline,
  standing: CallerAuthorization,
): RequestInfo {
  return {
    requestId: request.id,
    authToken: authTokenOf(header(request, "x-auth-token")),
    standing,
    language: languageOf(header(request, "x-language"), header(request, "accept-language")),
    deadline,
    asksForCache: header(request, "x-cache-debug") === "1",
  };
}

/** A header as one text; Node joins the repeated ones of all names used here with commas. */
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
