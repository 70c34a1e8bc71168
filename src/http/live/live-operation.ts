import { performance } from "node:perf_hooks";
import { type IncomingHttpHeaders } from "node:http";
import { type GraphQLFormattedError } from "graphql";
import { type OperationContext } from "../../graphql/context.js";
import { firstCode } from "../../graphql/format-error.js";
import {
  type LiveCall,
  type LiveRequest,
  type LiveResult,
  type LiveRun,
  type RunLive,
} from "../../graphql/live/live-call.js";
import { type LiveTransport } from "../../observability/metrics/live-metrics.js";
import { publish } from "../../observability/request-channels.js";
import { type OperationDeadline, startDeadline } from "../request/deadline.js";
import { shownName } from "../operation-reports.js";
import { type RequestHead } from "../request/request-info.js";
import { type LoggedCaller, callerFields, NO_JOBS, type RequestTelemetry } from "../request/request-log.js";
import { traceIdOf } from "../request/trace-context.js";
import { LAST_RESULT } from "./last-result.js";
import { OperationLife } from "./operation-life.js";

/** The reason why the gateway ends a connection. */
export type EndReason = "shutdown" | "stalled";

/** The client of a live connection. */
export type LiveClient = {
  readonly transport: LiveTransport;
  readonly requestId: string;
  readonly headers: IncomingHttpHeaders;
  /** The reason why the gateway ends the connection; null while it is open. */
  readonly endReason: EndReason | null;
  /** Takes the caller and the jobs of an operation that has ended, for the log line of the connection. */
  noteCaller(caller: LoggedCaller): void;
  /** Called when an operation has read events, so that its caller's credentials are valid. */
  noteRead(): void;
};

/** The interface to the transport that writes the results of one operation. */
export type OperationChannel = Pick<LiveCall, "isReady" | "whenReady" | "send" | "end"> & {
  readonly client: LiveClient;
  /** Ends the operation but does not tell its client that it is complete, so that the client subscribes again. */
  endIncomplete(): void;
};

/** The context of one operation, and the hash that identifies a caller by its JWT; null without a JWT. */
export type LiveOperationContext = { readonly context: OperationContext; readonly caller: string | null };

/** The dependencies of an operation, the same for every transport. */
export type LiveOperationParts = RequestTelemetry & {
  readonly run: RunLive;
  /** Creates the context of one operation with this ID and these headers. */
  readonly contextOf: (head: RequestHead, deadline: OperationDeadline) => Promise<LiveOperationContext>;
  /** Returns the hash that replaces a token in keys and logs. */
  readonly hashToken: (token: string) => string;
  /** The hash that identifies the caller in log lines, if it is known without a check; otherwise null. */
  readonly callerOf: (headers: IncomingHttpHeaders) => string | null;
  readonly requestTimeoutMs: number;
  /** The running operations, so that a shutdown can end them. */
  readonly inFlight: Set<OperationDeadline>;
};

/** One operation of a client. It is logged and counted when it ends. */
export class LiveOperation implements LiveCall {
  /** Whether the operation has sent a result. */
  hasSent = false;
  /** The code of the first error: of the error that ended the operation, or of a query's result. Null without an error. */
  code: string | null = null;
  /** Whether the operation has read events, so that its caller's credentials are valid. */
  hasRead = false;
  readonly #run: LiveRun;
  readonly #startedMs = performance.now();
  #name: string | null;
  #isSubscription = false;
  #isOver = false;
  #batches = 0;
  #events = 0;
  #caller: string | null = null;
  #jobs = NO_JOBS;

  constructor(
    private readonly parts: LiveOperationParts,
    private readonly channel: OperationChannel,
    request: LiveRequest,
    readonly resumeAfter: string | null,
  ) {
    this.#name = shownName(request.operationName);
    this.#run = parts.run(request, this);
  }

  get isReady(): boolean {
    return this.channel.isReady;
  }

  whenReady(callback: () => void): void {
    this.channel.whenReady(callback);
  }

  readonly begin: LiveCall["begin"] = async (signal) => {
    const { contextOf, requestTimeoutMs, inFlight } = this.parts;
    const { requestId, headers } = this.channel.client;
    const life = new OperationLife(signal);
    const deadline = startDeadline(requestTimeoutMs, life);
    inFlight.add(deadline);
    const end = (): void => {
      inFlight.delete(deadline);
      life.end();
    };
    try {
      const { context, caller } = await contextOf({ id: requestId, headers }, deadline);
      this.#caller = caller;
      return {
        context,
        end: () => {
          end();
          if (this.#jobs.length === 0) this.#jobs = context.jobs();
          this.hasRead ||= context.cache.reads.length > 0;
          if (this.hasRead) this.channel.client.noteRead();
        },
      };
    } catch (error) {
      end();
      throw error;
    }
  };

  onSubscription(operationName: string | null): void {
    if (this.#isOver) return;
    this.#name = shownName(operationName);
    this.#isSubscription = true;
    this.parts.metrics.live.addStreams(this.channel.client.transport, 1);
    if (this.channel.client.endReason === "shutdown") this.shutDown();
  }

  send(result: LiveResult): void {
    if (this.#isOver) return;
    this.hasSent = true;
    this.code = result.code;
    if (this.#isSubscription) {
      this.#batches += 1;
      this.#events += result.events;
      this.parts.metrics.live.countBatch(this.channel.client.transport, result.events);
    }
    this.channel.send(result);
  }

  end(errors: readonly GraphQLFormattedError[] | null): void {
    if (this.#isOver) return;
    this.#report(errors === null ? this.code : firstCode(errors));
    this.channel.end(errors);
  }

  /** Ends the operation without a message, because its client has ended it or has left. */
  stop(): void {
    this.#run.stop();
    if (!this.#isOver) this.#report(null);
  }

  /** Ends a subscription and tells its client to subscribe again. A query continues until its answer. */
  shutDown(): void {
    if (this.#isOver || !this.#isSubscription) return;
    this.#run.stop();
    this.#report("UPSTREAM_UNAVAILABLE");
    this.channel.send(LAST_RESULT);
    this.channel.endIncomplete();
  }

  /** @param code the code of the error that ended the operation; null for none */
  #report(code: string | null): void {
    this.#isOver = true;
    this.code = code;
    const { metrics, logger } = this.parts;
    const { client } = this.channel;
    const { transport, requestId, endReason, headers } = client;
    const traceId = traceIdOf(headers);
    const reason = endReason ?? code ?? "client";
    metrics.countOperation(code);
    publish("gateway:live:operation-end", {
      headers,
      requestId,
      transport,
      operationName: this.#name,
      isSubscription: this.#isSubscription,
      startedMs: this.#startedMs,
      batches: this.#batches,
      events: this.#events,
      code,
    });
    const logged = { caller: this.#caller ?? this.parts.callerOf(headers), jobs: this.#jobs };
    client.noteCaller(logged);
    const fields = {
      requestId,
      transport,
      durationMs: Math.round(performance.now() - this.#startedMs),
      operationName: this.#name,
      code,
      ...(traceId !== null && { traceId }),
      ...callerFields(logged),
    };
    if (!this.#isSubscription) {
      logger.info(fields, "operation");
      return;
    }
    metrics.live.addStreams(transport, -1);
    metrics.live.countStreamEnd(reason);
    logger.info({ ...fields, reason, batches: this.#batches, events: this.#events }, "subscription");
  }
}
