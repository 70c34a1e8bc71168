import { type IncomingMessage, type ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import { type Logger } from "../../observability/logger.js";
import { ABANDONED, type Metrics } from "../../observability/metrics/metrics.js";
import { publish } from "../../observability/request-channels.js";
import { type OperationReport } from "../operation-reports.js";
import { type JobRef } from "../../paging/job.js";
import { PROBES } from "../probes.js";

/** The logger and the metrics for requests. */
export type RequestTelemetry = { readonly logger: Logger; readonly metrics: Metrics };

/** The route in logs and metrics of a request whose path matches no route. */
export const UNMATCHED = "unmatched";

/** The fields of a request's log line. */
type RequestLogFields = LoggedCaller & {
  readonly requestId: string;
  readonly traceId: string | null;
  /** The start time, from `performance.now()`. */
  readonly startedMs: number;
  readonly route: string;
  readonly operation: OperationReport | null;
  /** The caller and the jobs of an event stream, which has a log line of its own for its operation. */
  readonly stream: LoggedCaller | null;
};

/** The caller of operations, and the first jobs that they read. */
export type LoggedCaller = {
  /** A hash that identifies the caller; null for a caller without credentials. */
  readonly caller: string | null;
  /** May contain repetitions. */
  readonly jobs: readonly JobRef[];
};

const NO_OPERATION = { operationName: null, code: null };

export const NO_JOBS: readonly JobRef[] = [];

/** The maximum number of projects and jobs in a log line. */
export const JOBS_SHOWN = 5;

/** Writes the log line of a request whose response is closed, and observes its duration. */
export function logRequest(
  scope: RequestLogFields,
  request: IncomingMessage,
  response: ServerResponse,
  { logger, metrics }: RequestTelemetry,
): void {
  const { requestId, startedMs, route, operation } = scope;
  const durationMs = performance.now() - startedMs;
  // 499 means that the client left before the answer, as in nginx.
  const status = response.writableFinished ? response.statusCode : 499;
  const { operationName, code } = operation ?? NO_OPERATION;
  metrics.observeRequest(route, status, durationMs);
  metrics.requests.addInFlight(-1);
  if (operation !== null) {
    metrics.requests.observeOperation(operationName, status === 499 ? ABANDONED : code, durationMs);
  }
  publish("gateway:http:request-end", {
    request,
    requestId,
    startedMs,
    durationMs,
    route,
    status,
    isOperation: operation !== null,
    operationName,
    code,
  });
  const level = PROBES.has(route) ? "debug" : "info";
  if (!logger.isLevelEnabled(level)) return;
  const { traceId } = scope;
  const roundedMs = Math.round(durationMs * 1000) / 1000;
  const line: RequestLine = {
    requestId,
    method: request.method,
    route,
    status,
    durationMs: roundedMs,
    ...(traceId !== null && { traceId }),
    ...operation,
  };
  const logged = operation === null ? scope.stream : scope;
  if (logged !== null) addCaller(line, logged);
  logger[level](line, "request");
}

type CallerFields = { caller?: string; projects?: string[]; jobs?: string[] };
type RequestLine = Record<string, unknown> & CallerFields;

/** The fields of a log line for the caller, and for the projects and jobs that it read. */
export function callerFields(caller: LoggedCaller): CallerFields {
  const fields = {};
  addCaller(fields, caller);
  return fields;
}

/** Adds the caller and the jobs that were read. The repeat of a kept answer reads no jobs. */
function addCaller(line: CallerFields, { caller, jobs }: LoggedCaller): void {
  if (caller !== null) line.caller = caller;
  if (jobs.length === 0) return;
  line.projects = firstOf(jobs, ({ projectId }) => projectId);
  line.jobs = firstOf(jobs, ({ jobId }) => jobId);
}

function firstOf(jobs: readonly JobRef[], textOf: (job: JobRef) => string): string[] {
  const [first] = jobs;
  if (jobs.length === 1 && first !== undefined) return [textOf(first)];
  return [...new Set(jobs.map(textOf))].slice(0, JOBS_SHOWN);
}

/** The fields of a log line about an answer that was written to a socket. */
type SocketLogFields = {
  readonly requestId: string;
  readonly status: number;
  readonly code: string;
  readonly method?: string;
  readonly route?: string;
  /** A hash that identifies the caller; null for a caller that is not known. */
  readonly caller?: string | null;
};

/** Logs and counts an answer to bytes that are not a request, or to a refused upgrade. Its duration is unknown. */
export function logSocketAnswer(
  { requestId, method, route = UNMATCHED, status, code, caller = null }: SocketLogFields,
  { logger, metrics }: RequestTelemetry,
): void {
  metrics.observeRequest(route, status, 0);
  const known = callerFields({ caller, jobs: NO_JOBS });
  logger.info({ requestId, method: method ?? null, route, status, code, ...known }, "request");
}
