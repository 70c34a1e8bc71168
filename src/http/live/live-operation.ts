import { performance } from "node:perf_hooks";
import { type IncomingHttpHeaders } from "node:http";
import { type BeginOperation, type OperationContext } from "../../graphql/context.js";
import { type LiveRequest, type RunLive } from "../../graphql/live/live-graph.js";
import { type LiveResults, OperationFailed, resultsThrough } from "../../graphql/live/live-results.js";
import { type LiveTransport } from "../../observability/live-metrics.js";
import { type OperationDeadline, startDeadline } from "../request/deadline.js";
import { shownName } from "../operation-reports.js";
import { type Asking } from "../request/request-info.js";
import { type RequestTelemetry } from "../request/request-log.js";
import { OperationLife } from "./operation-life.js";

/** Why the gateway itself ends a connection. */
export type EndReason = "shutdown" | "stalled";

/** Who asks by a connection that stays open. */
export type LiveClient = {
  readonly transport: LiveTransport;
  readonly requestId: string;
  readonly headers: IncomingHttpHeaders;
  /** Why the gateway ends the connection; null as long as it does not. */
  readonly endReason: EndReason | null;
};

/** What operations are run by, whatever the transport. */
export type LiveOperationParts = RequestTelemetry & {
  readonly run: RunLive;
  /** The context of one operation with such an ID and headers. */
  readonly contextOf: (asking: Asking, deadline: OperationDeadline) => Promise<OperationContext>;
  readonly requestTimeoutMs: number;
  /** The operations under way, so that a shutdown can end them. */
  readonly inFlight: Set<OperationDeadline>;
};

/**
 * Runs one operation of a client, and logs and counts it when it is over.
 * @throws OperationFailed from the results, and nothing else
 */
export function runLive(parts: LiveOperationParts, client: LiveClient, request: LiveRequest): LiveResults {
  const { metrics } = parts;
  const operationName = shownName(request.operationName);
  const story: Story = { operationName, isSubscription: false, batches: 0, events: 0 };
  const startedMs = performance.now();
  const results = parts.run(request, {
    begin: beginFor(parts, client),
    onSubscription: (name) => {
      story.operationName = shownName(name);
      story.isSubscription = true;
      metrics.live.addStreams(client.transport, 1);
    },
    onBatch: (events) => {
      story.batches += 1;
      story.events += events;
      metrics.live.countBatch(client.transport, events);
    },
  });
  return withEnd(results, (code) => {
    report(parts, client, story, code, performance.now() - startedMs);
  });
}

type Story = { operationName: string | null; isSubscription: boolean; batches: number; events: number };

function beginFor({ contextOf, requestTimeoutMs, inFlight }: LiveOperationParts, client: LiveClient) {
  const begin: BeginOperation = async (signal) => {
    const life = new OperationLife(signal);
    const deadline = startDeadline(requestTimeoutMs, life);
    inFlight.add(deadline);
    return {
      context: await contextOf({ id: client.requestId, headers: client.headers }, deadline),
      end: () => {
        inFlight.delete(deadline);
        life.end();
      },
    };
  };
  return begin;
}

/** @param code of the error that ended it; null for none */
function report(
  { logger, metrics }: RequestTelemetry,
  { transport, requestId, endReason }: LiveClient,
  { operationName, isSubscription, batches, events }: Story,
  code: string | null,
  durationMs: number,
): void {
  const reason = code ?? endReason ?? "client";
  metrics.countOperation(code);
  if (isSubscription) {
    metrics.live.addStreams(transport, -1);
    metrics.live.countStreamEnd(reason);
  }
  const told = { requestId, transport, durationMs: Math.round(durationMs), operationName, code };
  if (isSubscription) logger.info({ ...told, reason, batches, events }, "subscription");
  else logger.info(told, "operation");
}

/** The same results; tells once when they are over, and of the error that ended them. */
function withEnd(results: LiveResults, tell: (code: string | null) => void): LiveResults {
  let isOver = false;
  const end = (code: string | null): void => {
    if (!isOver) tell(code);
    isOver = true;
  };
  const next: LiveResults["next"] = async () => {
    try {
      const result = await results.next();
      if (result.done === true) end(null);
      return result;
    } catch (error) {
      end(codeOf(error));
      throw error;
    }
  };
  return resultsThrough(results, next, () => {
    end(null);
  });
}

function codeOf(error: unknown): string {
  const code = error instanceof OperationFailed ? error.errors[0]?.extensions?.["code"] : undefined;
  return typeof code === "string" ? code : "INTERNAL_SERVER_ERROR";
}
