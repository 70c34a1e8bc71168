import { Gauge, type Registry } from "prom-client";
import { outcomeOf } from "./outcome.js";
import { PlainHistogram } from "./plain-histogram.js";

/**
 * The maximum number of operation names with their own series. All others share one, because callers choose the names.
 */
const NAMES_MAX = 50;
const ANONYMOUS = "anonymous";
const OTHER = "other";

/** Rate, errors and durations of the operations in HTTP requests, by operation name and outcome. */
export type RequestMetrics = {
  addInFlight(change: 1 | -1): void;
  /** One operation; `code` is the code of its first error, null for none. */
  observeOperation(name: string | null, code: string | null, durationMs: number): void;
};

export function createRequestMetrics(registry: Registry): RequestMetrics {
  const operations = new PlainHistogram(
    "graphql_operation_duration_seconds",
    "Operations in HTTP requests by name (the first 50 that succeeded; the others are `other`) and outcome.",
    ["operation", "outcome"],
    registry,
  );
  // A plain number costs each request less than `Gauge.inc`, which looks its labels up.
  let inFlight = 0;
  new Gauge({
    name: "http_requests_in_flight",
    help: "HTTP requests in flight.",
    registers: [registry],
    collect() {
      this.set(inFlight);
    },
  });
  const names = new Set<string>();
  const labelOf = (name: string | null, code: string | null): string => {
    if (name === null) return ANONYMOUS;
    if (names.has(name)) return name;
    if (code !== null || names.size >= NAMES_MAX) return OTHER;
    names.add(name);
    return name;
  };
  return {
    addInFlight: (change) => {
      inFlight += change;
    },
    observeOperation: (name, code, durationMs) => {
      operations.observe(labelOf(name, code), outcomeOf(code), durationMs / 1000);
    },
  };
}
