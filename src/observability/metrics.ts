import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { GATEWAY_ERRORS } from "../errors.js";
import { counterBy } from "./counter-by.js";
import { createLiveMetrics, type LiveMetrics } from "./live-metrics.js";
import { RequestDurations, SECONDS } from "./durations.js";

/** What the gateway counts. Every label takes one of a bounded set of values, whatever callers send. */
export type Metrics = {
  /** For `GET /metrics`. */
  readonly registry: Registry;
  /** One HTTP request. `route` is the pattern that matched, `status` 499 where the client went away first. */
  observeRequest(route: string, status: number, durationMs: number): void;
  /** One GraphQL operation, by the code of its first error; null for none, {@link ABANDONED} where the client left. */
  countOperation(code: string | null): void;
  /** One try of an upstream call, by the code it ended with; null for a good answer, {@link ABANDONED} where all left. */
  observeUpstreamTry(code: string | null, durationMs: number): void;
  countUnknownValues(field: string, count: number): void;
  setBreakerOpen(open: boolean): void;
  /** One request for a token of the gateway's own, by the code it ended with; null for a token. */
  countLogin(code: string | null): void;
  /** Whether the gateway's own credentials were refused too often to be shown. */
  setCredentialsPaused(paused: boolean): void;
  /** One request whose JWT was none or no good, by what was the matter. */
  countJwtRefusal(reason: string): void;
  /** One read of a block or head, by how it was answered. */
  countCacheRead(outcome: string): void;
  setRedisUp(up: boolean): void;
  /** One answer without Apollo Server: written by a plan, or the repeat of a whole one. */
  countFastAnswer(way: "plan" | "repeat"): void;
  readonly live: LiveMetrics;
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
/** The outcome of what nobody waited for any more. */
export const ABANDONED = "ABANDONED";
const KNOWN_CODES: ReadonlySet<string> = new Set([
  ...Object.keys(GATEWAY_ERRORS),
  ...PROTOCOL_CODES,
  ABANDONED,
]);

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
  const tries = new Histogram({
    name: "modelarts_try_duration_seconds",
    help: "Tries of calls to ModelArts by outcome: OK, the code of the failure, or ABANDONED where all who waited left.",
    labelNames: ["outcome"],
    buckets: SECONDS,
    registers,
  });
  const countUnknownValues = counterBy("field", {
    name: "modelarts_unknown_values_total",
    help: "Events whose level or source this gateway does not know.",
    registers,
  });
  const breaker = new Gauge({
    name: "modelarts_breaker_open",
    help: "1 while calls to ModelArts are refused without being tried, after too many failures.",
    registers,
  });
  const countLogin = counterBy("outcome", {
    name: "iam_logins_total",
    help: "Requests to IAM for a token of the gateway by outcome: OK, or the code of the failure.",
    registers,
  });
  const credentials = new Gauge({
    name: "modelarts_credentials_paused",
    help: "1 while the gateway's own credentials are not shown, after they were refused too often.",
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
  return {
    registry,
    observeRequest: (route, status, durationMs) => {
      requests.observe(route, status, durationMs / 1000);
    },
    countOperation: (code) => {
      countOperation(outcomeOf(code));
    },
    observeUpstreamTry: (code, durationMs) => {
      tries.observe({ outcome: outcomeOf(code) }, durationMs / 1000);
    },
    countUnknownValues,
    setBreakerOpen: (open) => {
      breaker.set(open ? 1 : 0);
    },
    countLogin: (code) => {
      countLogin(outcomeOf(code));
    },
    setCredentialsPaused: (paused) => {
      credentials.set(paused ? 1 : 0);
    },
    countJwtRefusal,
    countCacheRead,
    setRedisUp: (up) => {
      redis.set(up ? 1 : 0);
    },
    countFastAnswer,
    live: createLiveMetrics(registers),
  };
}

function outcomeOf(code: string | null): string {
  if (code === null) return "OK";
  return KNOWN_CODES.has(code) ? code : "OTHER";
}
