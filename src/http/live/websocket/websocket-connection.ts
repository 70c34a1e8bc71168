import { type IncomingHttpHeaders } from "node:http";
import { type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { type GraphQLFormattedError } from "graphql";
import { CloseCode, type WebSocket as ProtocolSocket } from "graphql-ws";
import { type RawData, type WebSocket } from "ws";
import { type Logger } from "../../../observability/logger.js";
import { requestIdOf } from "../../request/request-id.js";
import { BadConnectionParams, headersWith } from "./connection-params.js";
import { type LiveConnection } from "../connections.js";
import { type MemoryBudget } from "./memory-budget.js";
import { type EndReason, type LiveClient, type LiveOperation } from "../live-operation.js";
import { ReadyQueue } from "../ready-queue.js";
import { OperationIds } from "./operation-ids.js";

/** What may wait to be read by a client that goes on sending, in bytes; a single batch may be longer. */
const BACKLOG_MAX_BYTES = 16 * 1024 * 1024;
/** What may wait to be read whatever other connections hold, in bytes. */
const BACKLOG_FREE_BYTES = 65_536;
/** What the operations of one connection may have been asked with, in letters: a hundred of 40,000, say. */
const ASKED_MAX_LENGTH = 4 * 1024 * 1024;
/** How many times in a row a client may leave unanswered whether it is there, as long as it reads. */
const UNANSWERED_MAX = 10;
const NORMAL_CLOSURE = 1000;
/** "Service Restart": clients of graphql-ws reconnect by themselves. */
const SERVICE_RESTART = 1012;
/** "Try Again Later": the same. */
const TRY_AGAIN_LATER = 1013;
const CLOSING_BRACE = "}".charCodeAt(0);
const TEXT = { binary: false };

/** A connection without credentials that are accepted, or without an operation, is closed after this time. */
const IDLE_MS = 10_000;

/** One WebSocket and its client. */
export class WebSocketConnection implements LiveConnection, LiveClient {
  readonly transport = "ws";
  requestId: string;
  endReason: EndReason | null = null;
  readonly #running = new Set<LiveOperation>();
  readonly #queue = new ReadyQueue(() => this.isReady);
  #operations: OperationIds | null = null;
  /** Whether anything has come from the client since the last ping. */
  #isThere = true;
  /** How many pings in a row the client has left unanswered. */
  #unanswered = 0;
  #pingAtMs: number;
  /** Since when it has had no operation that was accepted, in milliseconds since the epoch. */
  #idleSinceMs = Date.now();
  #isRefused = false;
  /** Whether it has been sent more, since something last came from it, than it could take at once. */
  #isBehind = false;
  /** How many bytes wait to be read, when last looked at. */
  #backlog = 0;

  /**
   * @param below the socket under the WebSocket
   * @param memoryBudget of all connections
   * @param pingEveryMs how often the peer is pinged
   */
  constructor(
    private readonly socket: WebSocket,
    private readonly below: Socket,
    public headers: IncomingHttpHeaders,
    private readonly logger: Logger,
    private readonly memoryBudget: MemoryBudget,
    private readonly pingEveryMs: number,
  ) {
    this.requestId = requestIdOf(headers["x-request-id"]);
    this.#pingAtMs = Date.now() + pingEveryMs;
    // A broken frame or too long a message: ws closes the connection with the code for it.
    socket.on("error", this.#onError);
    socket.on("ping", this.#heard);
    socket.on("pong", this.#heard);
    below.on("timeout", this.#onTimeout);
  }

  /** How many of its operations have not ended. */
  get operations(): number {
    return this.#operations?.size ?? 0;
  }

  /** The network address of its peer. */
  get address(): string | undefined {
    return this.below.remoteAddress;
  }

  get isReady(): boolean {
    return this.socket.bufferedAmount === 0;
  }

  whenReady(callback: () => void): void {
    this.#queue.add(callback);
  }

  add(operation: LiveOperation): void {
    this.#running.add(operation);
  }

  /** @param errors that ended it */
  remove(operation: LiveOperation, errors: readonly GraphQLFormattedError[] | null): void {
    if (!this.#running.delete(operation)) return;
    if (operation.hasSent) this.#idleSinceMs = Date.now();
    this.#isRefused = !operation.hasSent && errors?.[0]?.extensions?.["code"] === "UNAUTHENTICATED";
  }

  /** Sends a result as one message: the beginning is the operation's own, the result is shared. */
  send(prefix: string, result: Buffer): void {
    const length = Buffer.byteLength(prefix);
    const message = Buffer.allocUnsafe(length + result.length + 1);
    message.write(prefix, 0, "utf8");
    result.copy(message, length);
    message[length + result.length] = CLOSING_BRACE;
    this.socket.send(message, TEXT, this.#queue.release);
    this.#isBehind ||= this.socket.bufferedAmount > 0;
  }

  /** What graphql-ws asks of a socket. */
  get forProtocol(): ProtocolSocket {
    const { socket } = this;
    return {
      protocol: socket.protocol,
      // A message that can no longer be sent is no error: the end of the connection is noticed by itself.
      send: (text) =>
        new Promise((sent) => {
          socket.send(text, () => {
            sent();
            this.#queue.release();
          });
          this.#isBehind ||= socket.bufferedAmount > 0;
        }),
      close: (code, reason) => {
        socket.close(code, reason);
      },
      onMessage: (take) => {
        const pass = (text: string): Promise<void> => take(text).catch(this.#closeAfter);
        const operations = new OperationIds(pass, ASKED_MAX_LENGTH, this.memoryBudget);
        this.#operations = operations;
        socket.on("message", (data: RawData) => {
          this.#heard();
          // ws gives a Buffer unless it is told otherwise.
          const taken = operations.take(Buffer.isBuffer(data) ? data.toString("utf8") : "");
          if (taken === "twice") socket.close(CloseCode.SubscriberAlreadyExists, "The ID is in use");
          else if (taken === "too-much") this.cut();
        });
        socket.on("close", () => {
          operations.close();
        });
      },
    };
  }

  /**
   * Takes what the client says of itself once the connection is open.
   * @returns whether it may go on
   */
  introduce(params: Readonly<Record<string, unknown>>): boolean {
    try {
      this.headers = headersWith(this.headers, params);
      this.requestId = requestIdOf(this.headers["x-request-id"] ?? this.requestId);
      return true;
    } catch (error) {
      if (!(error instanceof BadConnectionParams)) throw error;
      this.socket.close(CloseCode.BadRequest, error.message);
      return false;
    }
  }

  /** Tells each operation that the process stops, and closes so that the client reconnects. */
  close(): void {
    this.endReason ??= "shutdown";
    for (const operation of [...this.#running]) operation.shutDown();
    this.socket.close(SERVICE_RESTART, "Service Restart");
  }

  /** Refuses the caller one connection more; its client may try again later. */
  closeAsFull(): void {
    this.socket.close(TRY_AGAIN_LATER, "Too many live connections of this caller are open");
  }

  cut(): void {
    this.endReason ??= "stalled";
    this.socket.terminate();
  }

  tick(nowMs: number): void {
    if (this.#running.size === 0 && nowMs >= this.#idleSinceMs + IDLE_MS) {
      if (this.#isRefused) this.socket.close(CloseCode.Unauthorized, "Unauthorized");
      else this.socket.close(NORMAL_CLOSURE, "No operation");
    }
    if (nowMs >= this.#pingAtMs) this.#ping(nowMs);
  }

  /**
   * Cuts the connection off if nothing has come from its peer since the last ping: it is gone, or does not read. A peer
   * that has much to read may answer later, as long as it reads, up to a bound.
   */
  #ping(nowMs: number): void {
    this.#pingAtMs = nowMs + this.pingEveryMs;
    this.#unanswered = this.#isThere ? 0 : this.#unanswered + 1;
    if (this.#unanswered === UNANSWERED_MAX || (this.#unanswered > 0 && !this.#isBehind)) {
      this.cut();
      return;
    }
    this.#isThere = false;
    this.socket.ping();
    this.#isBehind ||= this.#lookAtBacklog() > 0;
    // Node's own time limit: it begins anew whenever the client takes anything, be it a part of a message.
    if (this.#isBehind && !this.below.timeout) this.below.setTimeout(this.pingEveryMs);
  }

  /** Calls back when it is over, and writes a line. */
  onClose(tell: (code: number, reason: string) => void): void {
    const startedMs = performance.now();
    this.socket.on("close", (closeCode, reason) => {
      const durationMs = Math.round(performance.now() - startedMs);
      this.memoryBudget.change(-this.#backlog);
      this.#backlog = 0;
      const { requestId } = this;
      const line = { requestId, method: "GET", route: "/graphql", status: 101, durationMs, closeCode };
      this.logger.info(line, "request");
      tell(closeCode, reason.toString("utf8"));
    });
  }

  readonly #onError = (error: Error): void => {
    this.logger.debug({ err: error, requestId: this.requestId }, "A WebSocket was broken by its client");
  };

  readonly #onTimeout = (): void => {
    this.cut();
  };

  /** Something has come from the client. What waits for it must not pile up if it sends and does not read. */
  readonly #heard = (): void => {
    this.#isThere = true;
    if (this.below.timeout) this.below.setTimeout(0);
    const backlog = this.#lookAtBacklog();
    this.#isBehind = backlog > 0;
    if (backlog > (this.memoryBudget.isExceeded ? BACKLOG_FREE_BYTES : BACKLOG_MAX_BYTES)) this.cut();
  };

  #lookAtBacklog(): number {
    const backlog = this.socket.bufferedAmount;
    this.memoryBudget.change(backlog - this.#backlog);
    this.#backlog = backlog;
    return backlog;
  }

  readonly #closeAfter = (error: unknown): void => {
    // The only one that graphql-ws throws for a message that has a form.
    if (error instanceof Error && error.message.startsWith("Unexpected message of type")) {
      this.socket.close(CloseCode.BadRequest, "Unexpected message received");
      return;
    }
    this.logger.error({ err: error, requestId: this.requestId }, "A WebSocket failed by the gateway's fault");
    this.socket.close(CloseCode.InternalServerError, "Internal server error");
  };
}
