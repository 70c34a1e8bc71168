import { type Level, type Source } from "../training-job-event.js";
import { type CallContext, type EventsRequest } from "./client.js";

/** The upstream's spellings of the filter values. The documentation does not say whether the case matters. */
const LEVEL_NAMES: Readonly<Record<Level, string>> = { INFO: "Info", WARNING: "Warning", ERROR: "Error" };
const SOURCE_NAMES: Readonly<Record<Source, string>> = { K8S: "K8S", JOB: "Job", TASK: "Task" };

/**
 * The path and query of `GET /v2/{project_id}/training-jobs/{training_job_id}/events`. `order` is always sent,
 * because its default is not documented. Times are sent in milliseconds since the epoch.
 * @param basePath the endpoint's own path, without a slash at its end
 */
export function eventsPath(basePath: string, request: EventsRequest): string {
  const query = new URLSearchParams({
    order: request.order ?? "asc",
    offset: String(request.offset),
    limit: String(request.limit),
  });
  if (request.level !== null) query.set("level", LEVEL_NAMES[request.level]);
  if (request.source !== null) query.set("source", SOURCE_NAMES[request.source]);
  if (request.messageContains !== null) query.set("pattern", request.messageContains);
  if (request.time !== null) {
    query.set("start_time", String(request.time.startMs));
    query.set("end_time", String(request.time.endMs));
  }
  const project = encodeURIComponent(request.projectId);
  const job = encodeURIComponent(request.jobId);
  // All servers decode %20 as a space; only those that decode form data do so for "+".
  const encoded = query.toString().replaceAll("+", "%20");
  return `${basePath}/v2/${project}/training-jobs/${job}/events?${encoded}`;
}

function traceHeaders(trace: CallContext["trace"]): Record<string, string> {
  if (!trace) return {};
  const { traceparent, tracestate } = trace;
  return { traceparent, ...(tracestate !== null && { tracestate }) };
}

/** The headers of a call: credentials, request ID and language. */
export function eventsHeaders(request: EventsRequest, call: CallContext): Record<string, string> {
  return {
    accept: "application/json",
    "x-request-id": call.requestId,
    ...traceHeaders(call.trace),
    ...(request.language === null ? {} : { "x-language": request.language }),
    ...(call.credentials.kind === "token" ? { "x-auth-token": call.credentials.token } : {}),
  };
}
