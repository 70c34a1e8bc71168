import { type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { type GraphQLFormattedError } from "graphql";
import { type LiveRequest, type LiveResult } from "../../../graphql/live/live-call.js";
import { type LiveConnection } from "../connections.js";
import {
  type EndReason,
  type LiveClient,
  LiveOperation,
  type LiveOperationParts,
  type OperationChannel,
} from "../live-operation.js";
import { ReadyQueue } from "../ready-queue.js";

/** The event ID behind the last event: a browser that reconnects with it is told that there is no more. */
export const END_ID = "end";

/** So often a comment keeps the connection alive, in milliseconds. */
const PING_MS = 12_000;
const PING = ":\n\n";
const COMPLETE = "event: complete\ndata:\n\n";

/** Results that many clients get are written as an event once. */
const events = new WeakMap<LiveResult, Buffer>();

/** One response that is a stream of events: a connection, its client, and its only operation. */
export class SseConnection implements LiveConnection, LiveClient, OperationChannel {
  readonly transport = "sse";
  readonly client = this;
  endReason: EndReason | null = null;
  #operation: LiveOperation | null = null;
  readonly #queue = new ReadyQueue(() => this.isReady);
  #pingAtMs = Date.now() + PING_MS;
  /** Since when the client has taken nothing of what waits for it; null while nothing waits. */
  #isStallLimited = false;

  /** @param stallMs how long a client may take nothing of what waits for it, in milliseconds */
  constructor(
    private readonly response: ServerResponse,
    readonly requestId: string,
    readonly headers: IncomingHttpHeaders,
    private readonly stallMs: number,
  ) {
    response.on("timeout", this.#onTimeout);
  }

  /** Begins the stream and its operation. @param resumeAfter the last event ID that the client has */
  start(parts: LiveOperationParts, request: LiveRequest, resumeAfter: string | null): void {
    this.response.once("close", () => this.#operation?.stop());
    // Some browsers wait for a first byte.
    this.#write(PING);
    this.#operation = new LiveOperation(parts, this, request, resumeAfter);
  }

  get isReady(): boolean {
    return this.response.writableLength === 0;
  }

  whenReady(callback: () => void): void {
    this.#queue.add(callback);
  }

  send(result: LiveResult): void {
    const known = events.get(result);
    const event = known ?? eventOf(result);
    if (known === undefined) events.set(result, event);
    this.#write(event);
  }

  /** Ends the stream. A browser does not reconnect, unless the error is retryable. */
  end(errors: readonly GraphQLFormattedError[] | null): void {
    if (errors === null) {
      this.#write(`id: ${END_ID}\n${COMPLETE}`);
    } else {
      const isFinal = errors[0]?.extensions?.["retryable"] !== true;
      const id = isFinal ? `id: ${END_ID}\n` : "";
      this.#write(`${id}event: next\ndata: ${JSON.stringify({ errors })}\n\n${COMPLETE}`);
    }
    this.response.end();
  }

  /** Tells the client that the process stops. Without the event "complete" it reconnects. */
  close(): void {
    this.endReason ??= "shutdown";
    this.#operation?.shutDown();
    this.response.end();
  }

  cut(): void {
    this.endReason ??= "stalled";
    this.response.destroy();
  }

  tick(nowMs: number): void {
    if (nowMs < this.#pingAtMs) return;
    this.#pingAtMs = nowMs + PING_MS;
    if (this.isReady) this.#write(PING);
  }

  #write(chunk: string | Buffer): void {
    const { response } = this;
    if (response.writableEnded || response.destroyed) return;
    response.write(chunk, this.#onFlushed);
    if (this.isReady || this.#isStallLimited) return;
    // Node's own time limit: it begins anew whenever the client takes anything.
    this.#isStallLimited = true;
    response.setTimeout(this.stallMs);
  }

  readonly #onFlushed = (): void => {
    if (this.#isStallLimited && this.isReady) {
      this.#isStallLimited = false;
      this.response.setTimeout(0);
    }
    this.#queue.release();
  };

  readonly #onTimeout = (): void => {
    this.cut();
  };
}

function eventOf({ json, endCursor }: LiveResult): Buffer {
  const id = endCursor === null ? "" : `id: ${endCursor}\n`;
  return Buffer.from(`${id}event: next\ndata: ${json}\n\n`, "utf8");
}
