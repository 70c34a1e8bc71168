import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { counterBy } from "./counter-by.js";
import { createLiveMetrics, type LiveMetrics } from "./live-metrics.js";
import { PlainHistogram } from "./plain-histogram.js";
import { createRequestMetrics, type RequestMetrics } from "./request-metrics.js";
import { createRedisMetrics, type RedisMetrics } from "./redis-metrics.js";
import { outcomeOf } from "./outcome.js";
import { createUpstreamMetrics, type UpstreamMetrics } from "./upstream-metrics.js";

export { ABANDONED } from "./outcome.js";

/** What the gateway counts. Every label takes one of a bounded set of values, whatever callers send. */
export type Metrics = {
  /** For `GET /metrics`. */
  readonly registry: Registry;
  /** One HTTP request. `route` is the pattern that matched, `status` 499 where the client went away first. */
  observeRequest(route: string, status: number, durationMs: number): void;
  /** One GraphQL operation, by the code of its first error; null for none, `ABANDONED` where the client left. */
  countOperation(code: string | null): void;
  /** One request whose JWT was none or no good, by what was the matter. */
  countJwtRefusal(reason: string): void;
  /** One read of a block or head, by how it was answered. */
  countCacheRead(outcome: string): void;
  /** One answer without Apollo Server: written by a plan, or the repeat of a whole one. */
  countFastAnswer(way: "plan" | "repeat"): void;
  /** One operation without a compiled plan, by the reason. */
  countUnplannedOperation(reason: string): void;
  readonly live: LiveMetrics;
  readonly requests: RequestMetrics;
  readonly redis: RedisMetrics;
  readonly upstream: UpstreamMetrics;
};

/**
 * A registry of its own, with the process's own metrics in it.
 * @param version of the gateway
 */
export function createMetrics(version = "unknown"): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new PlainHistogram(
    "http_request_duration_seconds",
    "HTTP requests by route and status; 499 is a client that went away before it was answered.",
    ["route", "status"],
    registry,
  );
  const countOperation = counterBy("outcome", {
    name: "graphql_operations_total",
    help: "GraphQL operations by outcome: OK, the code of the first error, or ABANDONED where the client left.",
    registers,
  });
  const countJwtRefusal = counterBy("reason", {
    name: "jwt_refusals_total",
    help: "Requests to the graph without a JWT that is good, by what was the matter.",
    registers,
  });
  const countCacheRead = counterBy("outcome", {
    name: "cache_reads_total",
    help: "Reads of blocks and heads by outcome: memory, redis, joined, refreshed, upstream, stale or bypassed.",
    registers,
  });
  new Gauge({
    name: "gateway_build_info",
    help: "Always 1; the labels are the versions of the gateway and of Node.",
    labelNames: ["version", "node"],
    registers,
  }).set({ version, node: process.version }, 1);
  const countFastAnswer = counterBy("way", {
    name: "fast_path_answers_total",
    help: "Operations answered without Apollo Server: by a plan, or as the repeat of a whole answer.",
    registers,
  });
  const countUnplannedOperation = counterBy("reason", {
    name: "graphql_unplanned_operations_total",
    help:
      "Operations that graphql-js executes because they have no compiled plan, by reason: subscription, directives, " +
      "introspection, federation, variables or field.",
    registers,
  });
  return {
    registry,
    observeRequest: (route, status, durationMs) => {
      requests.observe(route, status, durationMs / 1000);
    },
    countOperation: (code) => {
      countOperation(outcomeOf(code));
    },
    countJwtRefusal,
    countCacheRead,
    countFastAnswer,
    countUnplannedOperation,
    live: createLiveMetrics(registers),
    requests: createRequestMetrics(registry),
    redis: createRedisMetrics(registers),
    upstream: createUpstreamMetrics(registers),
  };
}
