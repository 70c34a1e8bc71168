import { setTimeout as sleepFor } from "node:timers/promises";
import { GatewayError } from "../errors.js";
import { createBreaker } from "./breaker.js";
import { createBulkhead } from "./bulkhead.js";
import { givenUp, startLimit } from "./call-limit.js";
import { publish } from "./channels.js";
import { type CallContext, type EventsAnswer, type EventsRequest, type ModelArtsClient } from "./client.js";
import { type Upstream, exchange } from "./exchange.js";
import { createRedact } from "./redact.js";
import { retryWaitMs } from "./retry.js";
import { createSockets } from "./sockets.js";
import { type TryOutcome } from "./try-outcome.js";

/** Calls that may wait for a socket; the next one is refused. */
const QUEUE_MAX = 1_000;

export type ModelArtsClientOptions = {
  /** Base URL; its path goes before `/v2/…`. */
  readonly endpoint: string;
  /** Sockets, and so tries at once. */
  readonly connections: number;
  /** The limit of one try, in milliseconds. */
  readonly tryTimeoutMs: number;
  /** Tries after the first. */
  readonly retries: number;
  /** 0 to 1; for tests. */
  readonly random?: () => number;
  /** Waits before a retry; for tests. Rejects when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** Makes a client with sockets, breaker and queue of its own. */
export function createModelArtsClient(options: ModelArtsClientOptions): ModelArtsClient {
  const { connections, tryTimeoutMs, retries, random = Math.random, sleep = sleepUntilAborted } = options;
  const endpoint = new URL(options.endpoint);
  const sockets = createSockets(endpoint, connections);
  const upstream: Upstream = {
    sockets,
    basePath: endpoint.pathname.replace(/\/+$/, ""),
    redact: createRedact(endpoint),
  };
  const bulkhead = createBulkhead(connections, QUEUE_MAX);
  const breaker = createBreaker();
  const inFlight = new Set<Promise<unknown>>();
  let closing: Promise<void> | null = null;

  const tryOnce = async (request: EventsRequest, call: CallContext, attempt: number): Promise<TryOutcome> => {
    breaker.check();
    const leave = await bulkhead.enter(call);
    const limit = startLimit(call, tryTimeoutMs);
    try {
      const end = limit.end();
      if (end !== null) throw end.error;
      return await breaker.run(call.requestId, async () => {
        const startedAt = performance.now();
        const outcome = await exchange(upstream, request, call, limit);
        publishTry(request, call, attempt, performance.now() - startedAt, outcome);
        return outcome;
      });
    } finally {
      limit.stop();
      leave();
    }
  };

  const tryUntilAnswered = async (request: EventsRequest, call: CallContext): Promise<EventsAnswer> => {
    if (call.credentials.kind === "token") checkToken(call.credentials.token);
    for (let attempt = 1; ; attempt++) {
      const outcome = await tryOnce(request, call, attempt);
      if (outcome.kind === "answered") return outcome.answer;
      const { error } = outcome;
      if (!outcome.retry || attempt > retries) throw error;
      const waitMs = retryWaitMs({
        attempt,
        retryAfterMs: error.details.retryAfterMs,
        nowMs: Date.now(),
        deadlineMs: call.deadlineMs(),
        random: random(),
      });
      if (waitMs === null) throw error;
      await sleep(waitMs, call.signal);
    }
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
        sockets.close();
      });
      return closing;
    },
  };
}

/** A token that no header can carry would fail in the HTTP client, as if the gateway were at fault. */
function checkToken(token: string): void {
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new GatewayError("UNAUTHENTICATED", "The token is empty or holds characters that no token has.");
  }
}

async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleepFor(ms, undefined, { signal });
  } catch {
    throw givenUp(signal);
  }
}

function publishTry(
  request: EventsRequest,
  call: CallContext,
  attempt: number,
  durationMs: number,
  outcome: TryOutcome,
): void {
  const { projectId, jobId } = request;
  const { requestId } = call;
  const base = { projectId, jobId, requestId, attempt, durationMs };
  if (outcome.kind === "answered") {
    const { requestId: upstreamRequestId } = outcome;
    const good = { status: 200, fault: null, code: null, upstreamCode: null, upstreamRequestId };
    publish("gateway:modelarts:try", Object.assign(good, base));
    return;
  }
  const { error, fault } = outcome;
  const said = error.details.modelArts;
  publish("gateway:modelarts:try", {
    ...base,
    status: said?.httpStatus ?? null,
    fault,
    code: error.code,
    upstreamCode: said?.errorCode ?? null,
    upstreamRequestId: said?.requestId ?? null,
  });
}
