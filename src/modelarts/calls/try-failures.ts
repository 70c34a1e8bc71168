import { type GatewayErrorDetails } from "../../errors.js";
import { type CallLimit } from "./call-limit.js";
import { GIVEN_UP } from "../channels.js";
import { readErrorBody } from "../error-body.js";
import { classify, isWorthRetrying } from "../error-map.js";
import { parseRetryAfter } from "./retry.js";
import { type Answer, CONNECT_TIMEOUT } from "./sockets.js";
import { reasonOfCode, reasonOfNetworkError } from "./failure-reasons.js";
import { type FailedTry } from "./try-outcome.js";
import { NO_ANSWER, type UpstreamErrorCode, upstreamError } from "../upstream-error.js";

const ERROR_MSG_MAX = 500;
const ERROR_CODE_MAX = 64;
const REQUEST_ID_MAX = 128;

/** Failures of the upstream itself. A 408 is one of them: ModelArts sends it when its own backend timed out. */
const UPSTREAM_FAULTS: ReadonlySet<UpstreamErrorCode> = new Set([
  "UPSTREAM_TIMEOUT",
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_INVALID_RESPONSE",
]);

/** Masks the parts of the upstream's text that clients must not see, and limits its length. */
export type Shown = (text: string | null, maxLength: number) => string | null;

/** The outcome of a try with an error answer. */
export function refusedTry(answer: Answer, shown: Shown): FailedTry {
  const said = readErrorBody(answer.body ?? "");
  const code = classify(answer.status, said.errorCode);
  const retryAfterMs = parseRetryAfter(answer.headers["retry-after"], Date.now());
  const details: GatewayErrorDetails = {
    modelArts: {
      errorCode: shown(said.errorCode, ERROR_CODE_MAX),
      errorMsg: shown(said.errorMsg, ERROR_MSG_MAX),
      httpStatus: answer.status,
      requestId: requestIdOf(answer, shown) ?? shown(said.requestId, REQUEST_ID_MAX),
    },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  return {
    kind: UPSTREAM_FAULTS.has(code) ? "failed" : "refused",
    error: upstreamError(code, details),
    retry: isWorthRetrying(answer.status, said.errorCode),
    fault: null,
    reason: reasonOfCode(code),
  };
}

/** The upstream's ID of a call, if it gave one. */
export function requestIdOf({ headers }: Answer, shown: Shown): string | null {
  return shown(first(headers["x-request-id"]), REQUEST_ID_MAX);
}

/**
 * The outcome of a try without an answer: a limit ended it, the network failed, or it could not be sent (a fault of the
 * gateway).
 */
export function unansweredTry(error: unknown, limit: CallLimit): FailedTry {
  const end = limit.end();
  const fault = faultCode(error);
  if (end?.by === "limit") {
    const isConnecting = fault === CONNECT_TIMEOUT;
    const reason = isConnecting ? "connect_timeout" : "timeout";
    return {
      kind: "failed",
      error: end.error,
      retry: true,
      fault: isConnecting ? CONNECT_TIMEOUT : "TRY_TIMEOUT",
      reason,
    };
  }
  if (end !== null) {
    const ended = end.by === "caller" ? GIVEN_UP : "DEADLINE";
    return { kind: "abandoned", error: end.error, retry: false, fault: ended, reason: "abandoned" };
  }
  const details = { modelArts: NO_ANSWER };
  if (fault === null || isMisuse(error)) {
    const internal = upstreamError("INTERNAL_SERVER_ERROR", {}, error);
    return { kind: "abandoned", error: internal, retry: false, fault, reason: "gateway_fault" };
  }
  return {
    kind: "failed",
    error: upstreamError("UPSTREAM_UNAVAILABLE", details, error),
    retry: true,
    fault,
    reason: reasonOfNetworkError(fault),
  };
}

/** The fields of a failed try that are published. */
export function failureFacts({ error, fault, reason }: FailedTry) {
  const { httpStatus: status = null, errorCode: upstreamCode = null } = error.details.modelArts ?? {};
  return { status, fault, reason, code: error.code, upstreamCode };
}

/** The `code` of errors of the network, of TLS and of the HTTP parser; null for any other error. */
function faultCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** Whether Node refused to send the request. */
function isMisuse(error: unknown): boolean {
  return typeof error === "object" && error !== null && "name" in error && error.name === "TypeError";
}

function first(header: string | readonly string[] | undefined): string | null {
  return (typeof header === "string" ? header : header?.[0]) ?? null;
}
