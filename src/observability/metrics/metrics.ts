import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import { counterBy } from "./counter-by.js";
import { createLiveMetrics, type LiveMetrics } from "./live-metrics.js";
import { PlainHistogram } from "./plain-histogram.js";
import { createRequestMetrics, type RequestMetrics } from "./request-metrics.js";
import { createRedisMetrics, type RedisMetrics } from "./redis-metrics.js";
import { outcomeOf } from "./outcome.js";
import { createUpstreamMetrics, type UpstreamMetrics } from "./upstream-metrics.js";

export { ABANDONED } from "./outcome.js";

/** The metrics of the gateway. Every label has a bounded set of values, independent of callers' input. */
export type Metrics = {
  /** For `GET /metrics`. */
  readonly registry: Registry;
  /** One HTTP request. `route` is the pattern that matched; `status` is 499 if the client left before the answer. */
  observeRequest(route: string, status: number, durationMs: number): void;
  /** One GraphQL operation, by the code of its first error; null for none, `ABANDONED` if the client left. */
  countOperation(code: string | null): void;
  /** One request without a valid JWT, by the reason. */
  countJwtRefusal(reason: string): void;
  /** One read of a block or head, by its source. */
  countCacheRead(outcome: string): void;
  /** One answer without Apollo Server: written by a plan, or the repeat of a kept answer. */
  countFastAnswer(way: "plan" | "repeat"): void;
  /** One operation without a compiled plan, by the reason. */
  countUnplannedOperation(reason: string): void;
  /** One upstream call that a caller's budget does not allow. */
  countBudgetRefusal(): void;
  readonly live: LiveMetrics;
  readonly requests: RequestMetrics;
  readonly redis: RedisMetrics;
  readonly upstream: UpstreamMetrics;
};

/**
 * How often the delay of the event loop is sampled, in milliseconds. The samples include this interval. With
 * prom-client's default of 10 ms, the timer needs more CPU than the rest of an idle process.
 */
const EVENT_LOOP_SAMPLE_MS = 50;

/**
 * Makes the metrics in a new registry, together with the process metrics of prom-client.
 * @param version the version of the gateway
 */
export function createMetrics(version = "unknown"): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS });
  const registers = [registry];
  const requests = new PlainHistogram(
    "http_request_duration_seconds",
    "HTTP requests by route and status; 499: the client left before the answer.",
    ["route", "status"],
    registry,
  );
  const countOperation = counterBy(
    "outcome",
    {
      name: "graphql_operations_total",
      help: "GraphQL operations by outcome: OK, the code of the first error, or ABANDONED if the client left.",
      registers,
    },
    ["OK", "INTERNAL_SERVER_ERROR"],
  );
  const countJwtRefusal = counterBy(
    "reason",
    {
      name: "jwt_refusals_total",
      help: "Requests to /graphql without a valid JWT, by reason.",
      registers,
    },
    ["keys_unavailable"],
  );
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
    help: "Operations answered without Apollo Server: by a plan, or by the repeat of a kept answer.",
    registers,
  });
  const countUnplannedOperation = counterBy("reason", {
    name: "graphql_unplanned_operations_total",
    help:
      "Operations that graphql-js executes because they have no compiled plan, by reason: subscription, directives, " +
      "introspection, federation, variables or field.",
    registers,
  });
  const budgetRefusals = new Counter({
    name: "budget_refusals_total",
    help: "Upstream calls that were not made because the budget of their caller was used (RATE_LIMIT).",
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
    countBudgetRefusal: () => {
      budgetRefusals.inc();
    },
    live: createLiveMetrics(registers),
    requests: createRequestMetrics(registry),
    redis: createRedisMetrics(registers),
    upstream: createUpstreamMetrics(registers),
  };
}
