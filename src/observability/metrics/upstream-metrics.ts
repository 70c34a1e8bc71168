import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { type Law, LAWS } from "../../modelarts/channels.js";
import { counterBy } from "./counter-by.js";
import { SECONDS } from "./plain-histogram.js";
import { outcomeOf } from "./outcome.js";

type BreakerScope = "job" | "upstream";
type BreakerState = "closed" | "open" | "half-open";

/** Metrics of ModelArts, IAM and the gateway's own credentials. */
export type UpstreamMetrics = {
  /** One try of an upstream call, by the code of its failure; null for a good answer. */
  observeTry(code: string | null, durationMs: number): void;
  /** One failed try, by the reason. */
  countTryFailure(reason: string): void;
  countUnknownValues(field: string, count: number): void;
  /** Events that do not have the documented form. */
  countMalformedRows(count: number): void;
  /** One answer that breaks a documented rule of the events API. */
  countBrokenLaw(law: Law): void;
  /** A circuit changed its state. */
  observeBreaker(scope: BreakerScope, state: BreakerState, previous: BreakerState): void;
  /** Tries that hold a socket, and tries that wait for one. */
  setLoad(inFlight: number, queued: number): void;
  /** One token request to IAM, by the code of its failure; null for a token. */
  observeLogin(code: string | null, durationMs: number): void;
  /** Whether the gateway paused its own credentials, because they were refused too often. */
  setCredentialsPaused(paused: boolean): void;
};

export function createUpstreamMetrics(registers: Registry[]): UpstreamMetrics {
  const histogram = (name: string, help: string): Histogram<"outcome"> =>
    new Histogram({ name, help, labelNames: ["outcome"], buckets: SECONDS, registers });
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const tries = histogram(
    "modelarts_try_duration_seconds",
    "Tries of calls to ModelArts by outcome: OK, the code of the failure, or ABANDONED if all callers left.",
  );
  const countTryFailure = counterBy("reason", {
    name: "modelarts_try_failures_total",
    help: "Tries of calls to ModelArts without a good answer, by reason.",
    registers,
  });
  const countUnknownValues = counterBy(
    "field",
    {
      name: "modelarts_unknown_values_total",
      help: "Events with a level or source that this gateway does not know.",
      registers,
    },
    ["level", "source"],
  );
  const malformedRows = new Counter({
    name: "modelarts_malformed_rows_total",
    help: "Events that do not have the documented form; each counts once for each answer that contains it.",
    registers,
  });
  const countBrokenLaw = counterBy(
    "law",
    {
      name: "modelarts_broken_laws_total",
      help: "Answers of ModelArts that break a documented rule of the events API, by rule.",
      registers,
    },
    LAWS,
  );
  const breaker = new Gauge({
    name: "modelarts_breaker_open",
    help: "Open circuits: 1 for scope upstream while no calls are made; for scope job the number of such jobs.",
    labelNames: ["scope"],
    registers,
  });
  breaker.set({ scope: "upstream" }, 0);
  breaker.set({ scope: "job" }, 0);
  const transitions = new Counter({
    name: "modelarts_breaker_transitions_total",
    help: "Changes of a circuit breaker's state, by scope (job, upstream) and new state.",
    labelNames: ["scope", "state"],
    registers,
  });
  for (const scope of ["upstream", "job"]) {
    for (const state of ["open", "half-open", "closed"]) transitions.inc({ scope, state }, 0);
  }
  const inFlightCalls = gauge("modelarts_calls_in_flight", "Tries of calls to ModelArts that hold a socket.");
  const queuedCalls = gauge("modelarts_queue_depth", "Tries of calls to ModelArts that wait for a socket.");
  const countLogin = counterBy("outcome", {
    name: "iam_logins_total",
    help: "Requests to IAM for a token of the gateway by outcome: OK, or the code of the failure.",
    registers,
  });
  const logins = histogram(
    "iam_login_duration_seconds",
    "Requests to IAM for a token of the gateway by outcome: OK, or the code of the failure.",
  );
  const credentials = gauge(
    "modelarts_credentials_paused",
    "1 while the gateway does not use its own credentials because they were refused too often.",
  );
  return {
    observeTry: (code, durationMs) => {
      tries.observe({ outcome: outcomeOf(code) }, durationMs / 1000);
    },
    countTryFailure,
    countUnknownValues,
    countMalformedRows: (count) => {
      malformedRows.inc(count);
    },
    countBrokenLaw,
    observeBreaker: (scope, state, previous) => {
      transitions.inc({ scope, state });
      const change = Number(state !== "closed") - Number(previous !== "closed");
      if (change !== 0) breaker.inc({ scope }, change);
    },
    setLoad: (inFlight, queued) => {
      inFlightCalls.set(inFlight);
      queuedCalls.set(queued);
    },
    observeLogin: (code, durationMs) => {
      countLogin(outcomeOf(code));
      logins.observe({ outcome: outcomeOf(code) }, durationMs / 1000);
    },
    setCredentialsPaused: (paused) => {
      credentials.set(paused ? 1 : 0);
    },
  };
}
