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
import { PeerWatch } from "./peer-watch.js";
import { textFrame } from "./text-frame.js";

/** What the operations of one connection may have been asked with, in letters: a hundred of 40,000, say. */
const ASKED_MAX_LENGTH = 4 * 1024 * 1024;
/** The state of a WebSocket that takes messages. */
const OPEN = 1;
const NORMAL_CLOSURE = 1000;
/** "Service Restart": clients of graphql-ws reconnect by themselves. */
const SERVICE_RESTART = 1012;
/** "Try Again Later": the same. */
const TRY_AGAIN_LATER = 1013;
/** The time limits of a WebSocket, in milliseconds. */
export type WebSocketLimits = {
  /** How often its peer is pinged. */
  readonly keepAliveMs: number;
  /** A connection without credentials that are accepted, or without an operation, is closed after this time. */
  readonly idleMs: number;
};

/** One WebSocket and its client. */
export class WebSocketConnection implements LiveConnection, LiveClient {
  readonly transport = "ws";
  requestId: string;
  endReason: EndReason | null = null;
  readonly #running = new Set<LiveOperation>();
  readonly #queue = new ReadyQueue(() => this.isReady);
  #operations: OperationIds | null = null;
  /** Since when it has had no operation that was accepted, in milliseconds since the epoch. */
  #idleSinceMs = Date.now();
  #isRefused = false;
  readonly #peer: PeerWatch;

  /**
   * @param below the socket under the WebSocket
   * @param memoryBudget of all connections
   */
  constructor(
    private readonly socket: WebSocket,
    private readonly below: Socket,
    public headers: IncomingHttpHeaders,
    private readonly logger: Logger,
    private readonly memoryBudget: MemoryBudget,
    private readonly limits: WebSocketLimits,
  ) {
    this.requestId = requestIdOf(headers["x-request-id"]);
    this.#peer = new PeerWatch(socket, below, memoryBudget, limits.keepAliveMs, () => {
      this.cut();
    });
    // A broken frame or too long a message: ws closes the connection with the code for it.
    socket.on("error", this.#onError);
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
    if (this.socket.readyState !== OPEN) return;
    this.below.write(textFrame(prefix, result), this.#queue.release);
    this.#peer.sent();
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
          this.#peer.sent();
        }),
      close: (code, reason) => {
        socket.close(code, reason);
      },
      onMessage: (take) => {
        const pass = (text: string): Promise<void> => take(text).catch(this.#closeAfter);
        const operations = new OperationIds(pass, ASKED_MAX_LENGTH, this.memoryBudget);
        this.#operations = operations;
        socket.on("message", (data: RawData) => {
          this.#peer.heard();
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
    if (this.#running.size === 0 && nowMs >= this.#idleSinceMs + this.limits.idleMs) {
      if (this.#isRefused) this.socket.close(CloseCode.Unauthorized, "Unauthorized");
      else this.socket.close(NORMAL_CLOSURE, "No operation");
    }
    this.#peer.tick(nowMs);
  }

  /** Calls back when it is over, and writes a line. */
  onClose(tell: (code: number, reason: string) => void): void {
    const startedMs = performance.now();
    this.socket.on("close", (closeCode, reason) => {
      const durationMs = Math.round(performance.now() - startedMs);
      this.#peer.close();
      const { requestId } = this;
      const line = { requestId, method: "GET", route: "/graphql", status: 101, durationMs, closeCode };
      this.logger.info(line, "request");
      tell(closeCode, reason.toString("utf8"));
    });
  }

  readonly #onError = (error: Error): void => {
    this.logger.debug({ err: error, requestId: this.requestId }, "A WebSocket was broken by its client");
  };

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
