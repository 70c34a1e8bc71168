import { collectDefaultMetrics, Gauge, type Histogram, Registry } from "prom-client";
import { counterBy } from "./counter-by.js";
import { createLiveMetrics, type LiveMetrics } from "./live-metrics.js";
import { RequestDurations } from "./durations.js";
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
  setRedisUp(up: boolean): void;
  /** One answer without Apollo Server: written by a plan, or the repeat of a whole one. */
  countFastAnswer(way: "plan" | "repeat"): void;
  /** One operation without a compiled plan, by the reason. */
  countUnplannedOperation(reason: string): void;
  readonly live: LiveMetrics;
  readonly upstream: UpstreamMetrics;
};

/** A registry of its own, with the process's own metrics in it. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new RequestDurations(
    "http_request_duration_seconds",
    "HTTP requests by route and status; 499 is a client that went away before it was answered.",
  );
  // Its name and `get` are all that a registry asks for.
  registry.registerMetric(requests as unknown as Histogram);
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
  const redis = new Gauge({
    name: "cache_redis_up",
    help: "1 while Redis takes commands, 0 while it is not asked or there is none.",
    registers,
  });
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
    setRedisUp: (up) => {
      redis.set(up ? 1 : 0);
    },
    countFastAnswer,
    countUnplannedOperation,
    live: createLiveMetrics(registers),
    upstream: createUpstreamMetrics(registers),
  };
}
