import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { GATEWAY_ERRORS } from "../errors.js";

/** What the gateway counts. Every label takes one of a bounded set of values, whatever callers send. */
export type Metrics = {
  /** For `GET /metrics`. */
  readonly registry: Registry;
  /** One HTTP request. `route` is the pattern that matched, `status` 499 where the client went away first. */
  observeRequest(route: string, status: number, durationMs: number): void;
  /** One GraphQL operation, by the code of its first error; null for none. */
  countOperation(code: string | null): void;
  /** One try of an upstream call, by the code it ended with; null for a good answer. */
  observeUpstreamTry(code: string | null, durationMs: number): void;
  countUnknownValues(field: string, count: number): void;
  setBreakerOpen(open: boolean): void;
  /** One read of a block or head, by how it was answered. */
  countCacheRead(outcome: string): void;
  setRedisUp(up: boolean): void;
  /** One answer without Apollo Server: written by a plan, or the repeat of a whole one. */
  countFastAnswer(way: "plan" | "repeat"): void;
};

/** Codes of requests that never ran; they are GraphQL's and Apollo Server's own. */
const PROTOCOL_CODES = [
  "BAD_REQUEST",
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
];
const KNOWN_CODES: ReadonlySet<string> = new Set([...Object.keys(GATEWAY_ERRORS), ...PROTOCOL_CODES]);

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

/** A registry of its own, with the process's own metrics in it. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Histogram({
    name: "http_request_duration_seconds",
    help: "HTTP requests by route and status; 499 is a client that went away before it was answered.",
    labelNames: ["route", "status"],
    buckets: SECONDS,
    registers,
  });
  const operations = new Counter({
    name: "graphql_operations_total",
    help: "GraphQL operations by outcome: OK, or the code of the first error.",
    labelNames: ["outcome"],
    registers,
  });
  const tries = new Histogram({
    name: "modelarts_try_duration_seconds",
    help: "Tries of calls to ModelArts by outcome: OK, or the code of the failure.",
    labelNames: ["outcome"],
    buckets: SECONDS,
    registers,
  });
  const unknown = new Counter({
    name: "modelarts_unknown_values_total",
    help: "Events whose level or source this gateway does not know.",
    labelNames: ["field"],
    registers,
  });
  const breaker = new Gauge({
    name: "modelarts_breaker_open",
    help: "1 while calls to ModelArts are refused without being tried, after too many failures.",
    registers,
  });
  const reads = new Counter({
    name: "cache_reads_total",
    help: "Reads of blocks and heads by outcome: memory, redis, joined, refreshed, upstream, stale or bypassed.",
    labelNames: ["outcome"],
    registers,
  });
  const redis = new Gauge({
    name: "cache_redis_up",
    help: "1 while Redis takes commands, 0 while it is not asked or there is none.",
    registers,
  });
  const fastAnswers = new Counter({
    name: "fast_path_answers_total",
    help: "Operations answered without Apollo Server: by a plan, or as the repeat of a whole answer.",
    labelNames: ["way"],
    registers,
  });
  return {
    registry,
    observeRequest: (route, status, durationMs) => {
      requests.observe({ route, status }, durationMs / 1000);
    },
    countOperation: (code) => {
      operations.inc({ outcome: outcomeOf(code) });
    },
    observeUpstreamTry: (code, durationMs) => {
      tries.observe({ outcome: outcomeOf(code) }, durationMs / 1000);
    },
    countUnknownValues: (field, count) => {
      unknown.inc({ field }, count);
    },
    setBreakerOpen: (open) => {
      breaker.set(open ? 1 : 0);
    },
    countCacheRead: (outcome) => {
      reads.inc({ outcome });
    },
    setRedisUp: (up) => {
      redis.set(up ? 1 : 0);
    },
    countFastAnswer: (way) => {
      fastAnswers.inc({ way });
    },
  };
}

function outcomeOf(code: string | null): string {
  if (code === null) return "OK";
  return KNOWN_CODES.has(code) ? code : "OTHER";
}
