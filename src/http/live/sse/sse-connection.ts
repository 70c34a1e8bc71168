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

/** The event ID after the last event. A browser that reconnects with it gets 204, so it does not reconnect again. */
export const END_ID = "end";

/** The interval of comments that keep the connection alive, in milliseconds. */
const PING_MS = 12_000;
const PING = ":\n\n";
const COMPLETE = "event: complete\ndata:\n\n";

/** The events of results as chunks of HTTP/1.1, so that a result for many clients is formatted only once. */
const chunks = new WeakMap<LiveResult, Buffer>();

/** One response with an event stream: it is the connection, the client and the channel of its only operation. */
export class SseConnection implements LiveConnection, LiveClient, OperationChannel {
  readonly transport = "sse";
  readonly client = this;
  endReason: EndReason | null = null;
  #operation: LiveOperation | null = null;
  readonly #queue = new ReadyQueue(() => this.isReady);
  #pingAtMs = Date.now() + PING_MS;
  /** Whether the socket time-out for a client that reads nothing is set. */
  #isStallLimited = false;

  /**
   * @param stallMs how long a client may read none of the waiting data, in milliseconds
   * @param noteCaller takes the caller and the jobs of the operation, for the log line of the request
   * @param noteRead called when the operation has read events
   */
  constructor(
    private readonly response: ServerResponse,
    readonly requestId: string,
    readonly headers: IncomingHttpHeaders,
    private readonly stallMs: number,
    readonly noteCaller: LiveClient["noteCaller"],
    readonly noteRead: LiveClient["noteRead"],
  ) {
    response.on("timeout", this.#onTimeout);
  }

  /** Starts the stream and its operation. @param resumeAfter the last event ID that the client has received */
  start(parts: LiveOperationParts, request: LiveRequest, resumeAfter: string | null): void {
    // Before the listener that writes the log line of the request.
    this.response.prependOnceListener("close", () => this.#operation?.stop());
    // Some browsers report the connection as open only after the first byte.
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
    const { chunkedEncoding, socket, writableEnded, destroyed } = this.response;
    if (writableEnded || destroyed) return;
    if (!chunkedEncoding || socket === null) {
      this.#write(eventOf(result));
      return;
    }
    // Past the response, which would format each chunk anew and write it in four parts.
    socket.write(chunkOf(result), this.#onFlushed);
    this.#limitStall();
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
    this.endIncomplete();
  }

  /** Ends the stream. Without the event "complete" the client reconnects. */
  endIncomplete(): void {
    this.response.end();
    if (this.endReason === "shutdown") this.#leave();
  }

  /** Tells the client of a subscription that the process shuts down. The stream of a query ends with its answer. */
  close(): boolean {
    this.endReason ??= "shutdown";
    if (this.response.writableEnded) this.#leave();
    else this.#operation?.shutDown();
    return this.response.writableEnded;
  }

  terminate(): void {
    this.endReason ??= "stalled";
    this.response.destroy();
  }

  tick(nowMs: number): void {
    if (nowMs < this.#pingAtMs) return;
    this.#pingAtMs = nowMs + PING_MS;
    if (this.isReady) this.#write(PING);
  }

  /** Closes the TCP connection after the response. Its headers allowed the client to keep it, and Node would. */
  #leave(): void {
    const { response } = this;
    const { socket } = response;
    response.once("finish", () => socket?.destroySoon());
  }

  #write(chunk: string): void {
    const { response } = this;
    if (response.writableEnded || response.destroyed) return;
    response.write(chunk, this.#onFlushed);
    this.#limitStall();
  }

  #limitStall(): void {
    if (this.isReady || this.#isStallLimited) return;
    // Node's socket time-out. It starts again whenever the client reads some bytes.
    this.#isStallLimited = true;
    this.response.setTimeout(this.stallMs);
  }

  readonly #onFlushed = (): void => {
    if (this.#isStallLimited && this.isReady) {
      this.#isStallLimited = false;
      this.response.setTimeout(0);
    }
    this.#queue.release();
  };

  readonly #onTimeout = (): void => {
    this.terminate();
  };
}

function eventOf({ json, endCursor }: LiveResult): string {
  const id = endCursor === null ? "" : `id: ${endCursor}\n`;
  return `${id}event: next\ndata: ${json}\n\n`;
}

function chunkOf(result: LiveResult): Buffer {
  const known = chunks.get(result);
  if (known !== undefined) return known;
  const event = eventOf(result);
  const chunk = Buffer.from(`${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`, "utf8");
  chunks.set(result, chunk);
  return chunk;
}
