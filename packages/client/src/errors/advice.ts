import { type GatewayErrorCode } from "../generated/enums.js";
import { type GatewayErrorInfo, gatewayErrorsOf } from "./gateway-errors.js";

/** The next step after a failure. */
export type Advice =
  /** Keep the displayed data and retry after this time, in milliseconds. */
  | { readonly action: "retry"; readonly afterMs: number; readonly error: GatewayErrorInfo | null }
  /** Get a new token, then retry once. */
  | { readonly action: "sign-in"; readonly error: GatewayErrorInfo | null }
  /** Repeat the request with this cursor. The event of the old cursor no longer exists. */
  | { readonly action: "resume"; readonly cursor: string; readonly error: GatewayErrorInfo }
  /** Drop the cursor and start the list again. */
  | { readonly action: "restart"; readonly error: GatewayErrorInfo }
  /** A retry does not help. Show the error message to the user. */
  | { readonly action: "tell-user"; readonly error: GatewayErrorInfo | null }
  /** A fault of the front end or of the gateway. Report it with the request ID. */
  | { readonly action: "report"; readonly error: GatewayErrorInfo | null };

/** The first and the longest wait between retries if the gateway gives none, in milliseconds. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

const ACTIONS = {
  BAD_USER_INPUT: "report",
  INVALID_CURSOR: "restart",
  CURSOR_EXPIRED: "restart",
  UNAUTHENTICATED: "sign-in",
  FORBIDDEN: "tell-user",
  TRAINING_JOB_NOT_FOUND: "tell-user",
  UPSTREAM_BAD_REQUEST: "report",
  RATE_LIMITED: "retry",
  UPSTREAM_TIMEOUT: "retry",
  UPSTREAM_UNAVAILABLE: "retry",
  UPSTREAM_INVALID_RESPONSE: "retry",
  OPERATION_TOO_COMPLEX: "report",
  INTERNAL_SERVER_ERROR: "report",
} as const satisfies Record<GatewayErrorCode, Advice["action"]>;

/**
 * Returns the next step after a failure of any client.
 * @param attempt the number of retries that have failed so far. Waits grow with it, up to 30 s
 */
export function adviceFor(failure: unknown, attempt = 0): Advice {
  const errors = gatewayErrorsOf(failure);
  // Errors for which a retry cannot help come first.
  const error = errors.find(({ retryable }) => !retryable) ?? errors[0] ?? null;
  if (error === null) return adviceWithoutCode(failure, attempt);
  const action = ACTIONS[error.code];
  if (action === "retry") {
    return { action, afterMs: Math.max(error.retryAfterMs ?? 0, backOffMs(attempt)), error };
  }
  if (typeof error.resumeCursor === "string") {
    return { action: "resume", cursor: error.resumeCursor, error };
  }
  return { action, error };
}

/**
 * Doubles with each attempt, up to the longest wait. Half of it is random, so that clients do not retry at the same
 * time.
 */
export function backOffMs(attempt: number, firstMs = FIRST_WAIT_MS, longestMs = LONGEST_WAIT_MS): number {
  const fullMs = Math.min(longestMs, firstMs * 2 ** attempt);
  return fullMs / 2 + Math.random() * (fullMs / 2);
}

/**
 * Close codes of graphql-ws after which a retry does not help. The gateway sends 4400 and 4406. It does not send 4403
 * (Forbidden), but another server between the client and the gateway may.
 */
const FINAL_CLOSE_CODES: readonly unknown[] = [4400, 4403, 4406];
/** The close code of a WebSocket whose credentials are missing or were refused. */
const UNAUTHORIZED_CLOSE_CODE = 4401;

/** After a lost connection a retry can help. After an HTTP error status it usually cannot. */
function adviceWithoutCode(failure: unknown, attempt: number): Advice {
  const status = statusOf(failure);
  if (codeOf(failure) === UNAUTHORIZED_CLOSE_CODE) return { action: "sign-in", error: null };
  if (FINAL_CLOSE_CODES.includes(codeOf(failure)) || isGraphQLFault(failure)) {
    return { action: "report", error: null };
  }
  if (status !== null && status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return { action: status === 401 || status === 403 ? "tell-user" : "report", error: null };
  }
  return { action: "retry", afterMs: backOffMs(attempt), error: null };
}

function codeOf(failure: unknown): unknown {
  return typeof failure === "object" && failure !== null && "code" in failure ? failure.code : undefined;
}

/** A list of errors without a code of the gateway means that the document is invalid. */
function isGraphQLFault(failure: unknown): boolean {
  const errors =
    typeof failure === "object" && failure !== null && "errors" in failure ? failure.errors : failure;
  return Array.isArray(errors) && errors.length > 0;
}

function statusOf(failure: unknown): number | null {
  if (typeof failure !== "object" || failure === null) return null;
  for (const place of ["statusCode", "status"]) {
    const status: unknown = Reflect.get(failure, place);
    if (typeof status === "number") return status;
  }
  return "response" in failure ? statusOf(failure.response) : null;
}
