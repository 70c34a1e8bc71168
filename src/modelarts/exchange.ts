import { type GatewayErrorDetails, type ModelArtsFault } from "../errors.js";
import { type CallLimit } from "./call-limit.js";
import { publish } from "./channels.js";
import { type CallContext, type EventsRequest } from "./client.js";
import { readErrorBody } from "./error-body.js";
import { classify, isWorthRetrying } from "./error-map.js";
import { readEventsAnswer } from "./events-answer.js";
import { eventsHeaders, eventsPath } from "./events-request.js";
import { type Redact } from "./redact.js";
import { parseRetryAfter } from "./retry.js";
import { type Answer, type Sockets } from "./sockets.js";
import { type TryOutcome } from "./try-outcome.js";
import { NO_ANSWER, type UpstreamErrorCode, upstreamError } from "./upstream-error.js";

const ERROR_MSG_MAX = 500;
const ERROR_CODE_MAX = 64;
const REQUEST_ID_MAX = 128;

/** What counts against the upstream. A 408 does, too: ModelArts sends it when its own backend timed out. */
const UPSTREAM_FAULTS: ReadonlySet<UpstreamErrorCode> = new Set([
  "UPSTREAM_TIMEOUT",
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_INVALID_RESPONSE",
]);

/** Where calls go and what of the answers must not be repeated. */
export type Upstream = {
  readonly sockets: Sockets;
  readonly basePath: string;
  readonly redact: Redact;
};

/** Makes one try. Never throws; redirects are not followed. */
export async function exchange(
  upstream: Upstream,
  request: EventsRequest,
  call: CallContext,
  limit: CallLimit,
): Promise<TryOutcome> {
  try {
    const path = eventsPath(upstream.basePath, request);
    const answer = await upstream.sockets.get(path, eventsHeaders(request, call), limit);
    const token = call.credentials.kind === "token" ? call.credentials.token : null;
    const shown = (text: string | null, maxLength: number): string | null =>
      text === null ? null : upstream.redact(text, token, maxLength);
    return answer.status === 200
      ? readGood(answer, request, call.requestId, shown)
      : readBad(answer, answer.body ?? "", shown);
  } catch (error) {
    return withoutAnswer(error, limit);
  }
}

type Shown = (text: string | null, maxLength: number) => string | null;

function readGood(answer: Answer, request: EventsRequest, callId: string, shown: Shown): TryOutcome {
  const body = answer.body === null ? undefined : parseJson(answer.body);
  const read =
    answer.body === null
      ? { problem: "the answer is too large" }
      : body === undefined
        ? { problem: "the answer is not JSON" }
        : readEventsAnswer(body, request.limit, (unknown) => {
            publish("gateway:modelarts:unknown-value", { requestId: callId, ...unknown });
          });
  const requestId = shown(first(answer.headers["x-request-id"]), REQUEST_ID_MAX);
  if (!("problem" in read)) return { kind: "answered", answer: read, requestId };
  // The table of error codes has rows under status 200: an error may come in a good answer's clothes.
  const errorCode = body === undefined ? null : readErrorBody(answer.body ?? "").errorCode;
  if (errorCode !== null) return readBad(answer, answer.body ?? "", shown);
  const modelArts: ModelArtsFault = { errorCode: null, errorMsg: null, httpStatus: answer.status, requestId };
  const error = upstreamError("UPSTREAM_INVALID_RESPONSE", { modelArts });
  return { kind: "failed", error, retry: false, fault: read.problem };
}

function readBad(answer: Answer, text: string, shown: Shown): TryOutcome {
  const said = readErrorBody(text);
  const code = classify(answer.status, said.errorCode);
  const retryAfterMs = parseRetryAfter(answer.headers["retry-after"], Date.now());
  const details: GatewayErrorDetails = {
    modelArts: {
      errorCode: shown(said.errorCode, ERROR_CODE_MAX),
      errorMsg: shown(said.errorMsg, ERROR_MSG_MAX),
      httpStatus: answer.status,
      requestId: shown(first(answer.headers["x-request-id"]) ?? said.requestId, REQUEST_ID_MAX),
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

/** A try that ended without an answer: it was cut off, or the network failed, or (a fault of ours) it never began. */
function withoutAnswer(error: unknown, limit: CallLimit): TryOutcome {
  const end = limit.end();
  if (end !== null) {
    return end.by === "limit"
      ? { kind: "failed", error: end.error, retry: true, fault: "TRY_TIMEOUT" }
      : {
          kind: "abandoned",
          error: end.error,
          retry: false,
          fault: end.by === "caller" ? "ABORTED" : "DEADLINE",
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

/** The `code` that errors of the network, of TLS and of HTTP's parser carry; null for anything else. */
function faultCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** Whether Node was asked for what it cannot send. */
function isMisuse(error: unknown): boolean {
  return typeof error === "object" && error !== null && "name" in error && error.name === "TypeError";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function first(header: string | readonly string[] | undefined): string | null {
  return (typeof header === "string" ? header : header?.[0]) ?? null;
}
