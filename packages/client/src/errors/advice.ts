import { type GatewayErrorCode } from "../generated/enums.js";
import { type GatewayErrorInfo, gatewayErrorsOf } from "./gateway-errors.js";

/** The next step after a failure. */
export type Advice =
  /** Keep the data on screen and repeat the request after this time, in milliseconds. */
  | { readonly action: "retry"; readonly afterMs: number; readonly error: GatewayErrorInfo | null }
  /** Get a new token, then repeat the request once. */
  | { readonly action: "sign-in"; readonly error: GatewayErrorInfo }
  /** Repeat the request with this cursor: the event of the old one is gone. */
  | { readonly action: "resume"; readonly cursor: string; readonly error: GatewayErrorInfo }
  /** Drop the cursor and start the list again. */
  | { readonly action: "restart"; readonly error: GatewayErrorInfo }
  /** A repeat does not help: show the user what is wrong. */
  | { readonly action: "tell-user"; readonly error: GatewayErrorInfo | null }
  /** A fault of the program or of the gateway: report it with the request ID. */
  | { readonly action: "report"; readonly error: GatewayErrorInfo | null };

/** The first wait, and the longest, between repeats where the gateway gives none, in milliseconds. */
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
 * What to do about a failure of any client.
 * @param attempt how many repeats have failed so far: waits grow with it, up to 30 s
 */
export function adviceFor(failure: unknown, attempt = 0): Advice {
  const errors = gatewayErrorsOf(failure);
  // An error that no repeat can help comes first.
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

/** Doubles with each attempt up to the longest wait; half of it is random, so that clients do not come back together. */
export function backOffMs(attempt: number, firstMs = FIRST_WAIT_MS, longestMs = LONGEST_WAIT_MS): number {
  const fullMs = Math.min(longestMs, firstMs * 2 ** attempt);
  return fullMs / 2 + Math.random() * (fullMs / 2);
}

/** Close codes of graphql-ws that another try does not change. */
const FINAL_CLOSE_CODES: readonly unknown[] = [4400, 4403, 4406];

/** A lost connection is worth a retry; an answer that is no success of HTTP mostly is not. */
function adviceWithoutCode(failure: unknown, attempt: number): Advice {
  const status = statusOf(failure);
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

/** A list of errors without a code of the gateway: the document itself is wrong. */
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
