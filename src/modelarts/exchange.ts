import { type ModelArtsFault } from "../errors.js";
import { type CallLimit } from "./calls/call-limit.js";
import { publish } from "./channels.js";
import { type CallContext, type EventsRequest } from "./client.js";
import { readErrorBody } from "./error-body.js";
import { type AnswerReports, isPartialRead, readEventsAnswer } from "./events-answer.js";
import { eventsHeaders, eventsPath } from "./events-request.js";
import { refusedTry, requestIdOf, type Shown, unansweredTry } from "./calls/try-failures.js";
import { type Redact } from "./redact.js";
import { type AuthHeaders } from "./credentials/sign-in.js";
import { type Answer, type Sockets } from "./calls/sockets.js";
import { type FailedTry, type TryOutcome } from "./calls/try-outcome.js";
import { upstreamError } from "./upstream-error.js";

/** The connection to ModelArts, and the filter for its texts. */
export type Upstream = {
  readonly sockets: Sockets;
  readonly basePath: string;
  readonly redact: Redact;
};

/**
 * Makes one try. Never throws; redirects are not followed.
 * @param authHeaders the gateway's own credentials; null if the call has the caller's token
 * @param traceHeaders headers by which the upstream can continue the trace of this try
 */
export async function exchange(
  upstream: Upstream,
  request: EventsRequest,
  call: CallContext,
  limit: CallLimit,
  authHeaders: AuthHeaders | null,
  traceHeaders: Readonly<Record<string, string>> = {},
): Promise<TryOutcome> {
  try {
    const path = eventsPath(upstream.basePath, request);
    const headers = { ...eventsHeaders(request, call), ...traceHeaders };
    if (authHeaders !== null) Object.assign(headers, authHeaders.headers);
    const answer = await upstream.sockets.send({ method: "GET", path, headers }, limit);
    const token = call.credentials.kind === "token" ? call.credentials.token : null;
    const secret = authHeaders?.secret ?? token;
    const shown: Shown = (text, maxLength) =>
      text === null ? null : upstream.redact(text, secret, maxLength);
    if (answer.status === 200) return readGood(answer, request, call.requestId, shown);
    return withClock(refusedTry(answer, shown), answer, headers["x-sdk-date"]);
  } catch (error) {
    return unansweredTry(error, limit);
  }
}

/** ModelArts refuses a signature when the clocks differ too much, but does not name the reason. */
const CLOCK_DIFFERENCE_MS = 60_000;

/**
 * Names a wrong clock as the reason of a refused signature if the `Date` of the answer shows it.
 * @param signedAt the time in the signature, such as 20260102T030405Z; undefined if the call has no signature
 */
function withClock(refused: FailedTry, { headers }: Answer, signedAt: string | undefined): FailedTry {
  if (refused.reason !== "credentials" || signedAt === undefined) return refused;
  const iso = signedAt.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const aheadMs = Date.parse(iso) - Date.parse(headers.date ?? "");
  if (!(Math.abs(aheadMs) > CLOCK_DIFFERENCE_MS)) return refused;
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  const fault = `this clock is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} that of ModelArts`;
  return { ...refused, reason: "clock", fault };
}

function readGood(answer: Answer, request: EventsRequest, callId: string, shown: Shown): TryOutcome {
  const body = answer.body === null ? undefined : parseJson(answer.body);
  const read =
    answer.body === null
      ? { problem: "the answer is too large" }
      : body === undefined
        ? { problem: "the answer is not JSON" }
        : readEventsAnswer(body, request.limit, reportsOf(request, callId), isPartialRead(request));
  const requestId = requestIdOf(answer, shown);
  if (!("problem" in read)) return { kind: "answered", answer: read, requestId };
  // The documented table of error codes has rows with status 200.
  const errorCode = body === undefined ? null : readErrorBody(answer.body ?? "").errorCode;
  if (errorCode !== null) return refusedTry(answer, shown);
  const modelArts: ModelArtsFault = { errorCode: null, errorMsg: null, httpStatus: answer.status, requestId };
  const error = upstreamError("UPSTREAM_INVALID_RESPONSE", { modelArts });
  const reason = read.problem.startsWith("events[") ? "malformed_row" : "invalid_answer";
  return { kind: "failed", error, retry: false, fault: read.problem, reason };
}

function reportsOf({ projectId, jobId }: EventsRequest, requestId: string): AnswerReports {
  return {
    onUnknownValue: (unknown) => {
      publish("gateway:modelarts:unknown-value", { requestId, ...unknown });
    },
    onMalformedRows: (count, problem) => {
      publish("gateway:modelarts:malformed-rows", { requestId, projectId, jobId, count, problem });
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
