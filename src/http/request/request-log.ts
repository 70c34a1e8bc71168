import { type ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { type Logger } from "../../observability/logger.js";
import { type Metrics } from "../../observability/metrics.js";
import { type OperationReport } from "../operation-reports.js";
import { PROBES } from "../probes.js";

declare module "fastify" {
  interface FastifyRequest {
    /** How the GraphQL operation of the request ended; null before that, and where there is none. */
    operation: OperationReport | null;
  }
}

/** Where requests are logged and counted. */
export type RequestTelemetry = { readonly logger: Logger; readonly metrics: Metrics };

/** The route of a request for which there is none, in logs and metrics. */
const UNMATCHED = "unmatched";

/** One line and one observation for a request that begins, also where its client goes away (status 499). */
export function logRequest(request: FastifyRequest, reply: FastifyReply, sinks: RequestTelemetry): void {
  logResponse(reply.raw, sinks, () => ({
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? UNMATCHED,
    operation: request.operation,
  }));
}

/** What is said of a request when it is over. */
type RequestLogFields = {
  readonly requestId: string;
  readonly method: string;
  readonly route: string;
  readonly operation: OperationReport | null;
};

/** The same for any request that began at `startedMs` of the performance clock. */
export function logResponse(
  response: ServerResponse,
  { logger, metrics }: RequestTelemetry,
  fieldsOf: () => RequestLogFields,
  startedMs = performance.now(),
): void {
  // Not fastify's onResponse, which stays silent when the connection broke.
  response.on("close", () => {
    const durationMs = performance.now() - startedMs;
    const status = response.writableFinished ? response.statusCode : 499;
    const { requestId, method, route, operation } = fieldsOf();
    metrics.observeRequest(route, status, durationMs);
    const level = PROBES.has(route) ? "debug" : "info";
    if (!logger.isLevelEnabled(level)) return;
    const roundedMs = Math.round(durationMs * 1000) / 1000;
    logger[level](
      { requestId, method, route, status, durationMs: roundedMs, ...(operation ?? {}) },
      "request",
    );
  });
}

/** What is said of an answer that no response carries. */
type SocketLogFields = {
  readonly requestId: string;
  readonly status: number;
  readonly code: string;
  readonly method?: string;
  readonly route?: string;
};

/** The same for what could not be read as a request, or was refused as one; nobody knows when it began. */
export function logSocketAnswer(
  { requestId, method, route = UNMATCHED, status, code }: SocketLogFields,
  { logger, metrics }: RequestTelemetry,
): void {
  metrics.observeRequest(route, status, 0);
  logger.info({ requestId, method: method ?? null, route, status, code }, "request");
}
