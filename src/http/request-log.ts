import { performance } from "node:perf_hooks";
import { type FastifyInstance } from "fastify";
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

/** One line and one observation for each request, also for one whose client went away (status 499). */
export function logRequests(app: FastifyInstance, logger: Logger, metrics: Metrics): void {
  app.decorateRequest("operation", null);
  app.addHook("onRequest", (request, reply, done) => {
    const startedMs = performance.now();
    // Not fastify's onResponse, which stays silent when the connection broke.
    reply.raw.once("close", () => {
      const durationMs = performance.now() - startedMs;
      const status = reply.raw.writableFinished ? reply.statusCode : 499;
      const route = request.routeOptions.url ?? "unmatched";
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
    done();
  });
}
