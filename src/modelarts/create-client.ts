import { GatewayError } from "../errors.js";
import { type BreakerCall, createBreaker } from "./calls/breaker.js";
import { createBulkhead } from "./calls/bulkhead.js";
import { startLimit } from "./calls/call-limit.js";
import { publish, tracedTry } from "./channels.js";
import { type CallContext, type EventsAnswer, type EventsRequest, type ModelArtsClient } from "./client.js";
import { type Upstream, exchange } from "./exchange.js";
import { failureFacts } from "./calls/try-failures.js";
import { eventsPath } from "./events-request.js";
import { createRedact } from "./redact.js";
import { type SignInAttempt, type SignIn } from "./credentials/sign-in.js";
import { createSockets } from "./calls/sockets.js";
import { type TryOutcome } from "./calls/try-outcome.js";
import { type RetryOptions, retryLoop } from "./calls/retry-loop.js";

/** The maximum number of calls that wait for a socket; the next one is refused. */
const QUEUE_MAX = 1_000;

export type ModelArtsClientOptions = RetryOptions & {
  /** Base URL; its path goes before `/v2/…`. */
  readonly endpoint: string;
  /** The number of sockets, and of tries at the same time. */
  readonly connections: number;
  /** The limit of one try, in milliseconds. */
  readonly tryTimeoutMs: number;
  /** Adds the gateway's own credentials to calls without a caller's token; null if it has none. */
  readonly signIn?: SignIn | null;
  /** False for the built-in simulator, which no proxy can reach. */
  readonly useProxy?: boolean;
  /** A monotonic clock for the circuit breaker, in milliseconds; for tests. */
  readonly steadyMs?: () => number;
};

/** Makes a client with its own sockets, circuit breaker and queue. */
export function createModelArtsClient(options: ModelArtsClientOptions): ModelArtsClient {
  const { connections, tryTimeoutMs, signIn = null, useProxy = true } = options;
  const endpoint = new URL(options.endpoint);
  const sockets = createSockets(endpoint, connections, { useProxy });
  const upstream: Upstream = {
    sockets,
    basePath: endpoint.pathname.replace(/\/+$/, ""),
    redact: createRedact(endpoint),
  };
  const bulkhead = createBulkhead(connections, QUEUE_MAX, (inFlight, queued) => {
    publish("gateway:modelarts:load", { inFlight, queued });
  });
  const breaker = createBreaker(options.steadyMs);
  const inFlight = new Set<Promise<unknown>>();
  let closing: Promise<void> | null = null;

  const tryOnce = async (
    request: EventsRequest,
    call: CallContext,
    attempt: number,
    signInAttempt: SignInAttempt | null,
  ): Promise<TryOutcome> => {
    breaker.check(callOf(request, call));
    const leave = await bulkhead.enter(call);
    const limit = startLimit(call, tryTimeoutMs);
    try {
      const end = limit.end();
      if (end !== null) throw end.error;
      const authHeaders =
        signInAttempt === null ? null : signInAttempt.authHeaders(eventsPath(upstream.basePath, request));
      return await breaker.run(callOf(request, call), async () => {
        const startedAt = performance.now();
        const outcome = await tracedTry.run(
          () => tryToTrace(request, attempt),
          async (traced) => {
            const ended = await exchange(upstream, request, call, limit, authHeaders, traced?.headers);
            if (traced !== null) Object.assign(traced, factsOf(ended));
            return ended;
          },
        );
        publishTry(request, call, attempt, performance.now() - startedAt, outcome);
        return outcome;
      });
    } finally {
      limit.stop();
      leave();
    }
  };

  /** Makes one try with the gateway's own credentials. `again`: whether to try once more with new credentials. */
  const trySignedIn = async (
    own: SignIn,
    request: EventsRequest,
    call: CallContext,
    attempt: number,
  ): Promise<{ readonly outcome: TryOutcome; readonly again: boolean }> => {
    breaker.check(callOf(request, call));
    const signInAttempt = await own.enter(request, call);
    let outcome: TryOutcome | null = null;
    try {
      outcome = await tryOnce(request, call, attempt, signInAttempt);
      return { outcome, again: signInAttempt.end(outcome) };
    } finally {
      if (outcome === null) signInAttempt.end(null);
    }
  };

  const tryUntilAnswered = async (request: EventsRequest, call: CallContext): Promise<EventsAnswer> => {
    const own = call.credentials.kind === "none" ? signIn : null;
    const makeTry = async (attempt: number): Promise<TryOutcome> => {
      if (own === null) return tryOnce(request, call, attempt, null);
      const { outcome, again } = await trySignedIn(own, request, call, attempt);
      return again ? (await trySignedIn(own, request, call, attempt)).outcome : outcome;
    };
    return (await retryLoop(async (attempt) => unlessThrottled(await makeTry(attempt)), call, options))
      .answer;
  };

  return {
    async listEvents(request, call) {
      if (closing !== null) throw new GatewayError("UPSTREAM_UNAVAILABLE", "The gateway is shutting down.");
      const answer = tryUntilAnswered(request, call);
      inFlight.add(answer);
      try {
        return await answer;
      } finally {
        inFlight.delete(answer);
      }
    },
    close() {
      closing ??= Promise.allSettled(inFlight).then(() => {
        signIn?.close();
        sockets.close();
      });
      return closing;
    },
  };
}

/** Disables the retry of a throttled call: `event-log/backoff` pauses calls for all processes. */
function unlessThrottled(outcome: TryOutcome): TryOutcome {
  const isThrottled = outcome.kind !== "answered" && outcome.error.code === "RATE_LIMITED";
  return isThrottled ? { ...outcome, retry: false } : outcome;
}

function callOf({ projectId, jobId }: EventsRequest, { requestId }: CallContext): BreakerCall {
  return { projectId, jobId, requestId };
}

/** The fields of a trace that are known before the try is sent. */
function tryToTrace({ projectId, jobId }: EventsRequest, attempt: number) {
  return { projectId, jobId, attempt, headers: {}, status: null, fault: null, code: null };
}

function factsOf(outcome: TryOutcome) {
  return outcome.kind === "answered" ? { status: 200 } : failureFacts(outcome);
}

function publishTry(
  request: EventsRequest,
  call: CallContext,
  attempt: number,
  durationMs: number,
  outcome: TryOutcome,
): void {
  const { projectId, jobId } = request;
  const { requestId, trace } = call;
  const base = { projectId, jobId, requestId, ...(trace && { traceId: trace.traceId }), attempt, durationMs };
  if (outcome.kind === "answered") {
    const { requestId: upstreamRequestId } = outcome;
    const good = {
      status: 200,
      fault: null,
      code: null,
      reason: null,
      upstreamCode: null,
      upstreamRequestId,
    };
    publish("gateway:modelarts:try", Object.assign(good, base));
    return;
  }
  const upstreamRequestId = outcome.error.details.modelArts?.requestId ?? null;
  publish("gateway:modelarts:try", { ...base, ...failureFacts(outcome), upstreamRequestId });
}
