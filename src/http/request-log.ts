import { performance } from "node:perf_hooks";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { type Logger } from "../observability/logger.js";
import { type Metrics } from "../observability/metrics.js";
import { type OperationReport } from "./operation-reports.js";
import { PROBES } from "./probes.js";

declare module "fastify" {
  interface FastifyRequest {
    /** How the GraphQL operation of the request ended; null before that, and where there is none. */
    operation: OperationReport | null;
  }
}

/** Where requests are logged and counted. */
export type RequestSinks = { readonly logger: Logger; readonly metrics: Metrics };

/** The route of a request for which there is none, in logs and metrics. */
const UNMATCHED = "unmatched";

/** One line and one observation for a request that begins, also where its client goes away (status 499). */
export function logRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  { logger, metrics }: RequestSinks,
): void {
  const startedMs = performance.now();
  // Not fastify's onResponse, which stays silent when the connection broke.
  reply.raw.once("close", () => {
    const durationMs = performance.now() - startedMs;
    const status = reply.raw.writableFinished ? reply.statusCode : 499;
    const route = request.routeOptions.url ?? UNMATCHED;
    metrics.observeRequest(route, status, durationMs);
    const line = {
      requestId: request.id,
      method: request.method,
      route,
      status,
      durationMs: Math.round(durationMs * 1000) / 1000,
      ...(request.operation ?? {}),
    };
    logger[PROBES.has(route) ? "debug" : "info"](line, "request");
  });
}

/** The same for what could not be read as a request; nobody knows when it began. */
export function logBrokenRequest(
  requestId: string,
  status: number,
  code: string,
  { logger, metrics }: RequestSinks,
): void {
  metrics.observeRequest(UNMATCHED, status, 0);
  logger.info({ requestId, method: null, route: UNMATCHED, status, code }, "request");
}
