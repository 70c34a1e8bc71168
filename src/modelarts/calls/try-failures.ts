import { type GatewayErrorDetails } from "../../errors.js";
import { type CallLimit } from "./call-limit.js";
import { GIVEN_UP } from "../channels.js";
import { readErrorBody } from "../error-body.js";
import { classify, isWorthRetrying } from "../error-map.js";
import { parseRetryAfter } from "./retry.js";
import { type Answer } from "./sockets.js";
import { type FailedTry } from "./try-outcome.js";
import { NO_ANSWER, type UpstreamErrorCode, upstreamError } from "../upstream-error.js";

const ERROR_MSG_MAX = 500;
const ERROR_CODE_MAX = 64;
const REQUEST_ID_MAX = 128;

/** What counts against the upstream. A 408 does, too: ModelArts sends it when its own backend timed out. */
const UPSTREAM_FAULTS: ReadonlySet<UpstreamErrorCode> = new Set([
  "UPSTREAM_TIMEOUT",
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_INVALID_RESPONSE",
]);

/** What of the upstream's text may be shown, cut to a length. */
export type Shown = (text: string | null, maxLength: number) => string | null;

/** A try that was answered by an error, whichever of its shapes that has. */
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
  };
}

/** The upstream's ID of a call, where it gave one. */
export function requestIdOf({ headers }: Answer, shown: Shown): string | null {
  return shown(first(headers["x-request-id"]), REQUEST_ID_MAX);
}

/** A try that ended without an answer: it was cut off, or the network failed, or (a fault of ours) it never began. */
export function unansweredTry(error: unknown, limit: CallLimit): FailedTry {
  const end = limit.end();
  if (end !== null) {
    return end.by === "limit"
      ? { kind: "failed", error: end.error, retry: true, fault: "TRY_TIMEOUT" }
      : {
          kind: "abandoned",
          error: end.error,
          retry: false,
          fault: end.by === "caller" ? GIVEN_UP : "DEADLINE",
        };
  }
  const fault = faultCode(error);
  const details = { modelArts: NO_ANSWER };
  if (fault === null || isMisuse(error)) {
    const internal = upstreamError("INTERNAL_SERVER_ERROR", {}, error);
    return { kind: "abandoned", error: internal, retry: false, fault };
  }
  return { kind: "failed", error: upstreamError("UPSTREAM_UNAVAILABLE", details, error), retry: true, fault };
}

/** What is published of a try that failed. */
export function failureFacts({ error, fault }: FailedTry) {
  const { httpStatus: status = null, errorCode: upstreamCode = null } = error.details.modelArts ?? {};
  return { status, fault, code: error.code, upstreamCode };
}

/** The `code` that errors of the network, of TLS and of HTTP's parser carry; null for anything else. */
function faultCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** Whether Node was asked for what it cannot send. */
function isMisuse(error: unknown): boolean {
  return typeof error === "object" && error !== null && "name" in error && error.name === "TypeError";
}

function first(header: string | readonly string[] | undefined): string | null {
  return (typeof header === "string" ? header : header?.[0]) ?? null;
}
