import { type IncomingHttpHeaders } from "node:http";
import { type Socket } from "node:net";
import { CloseCode, type WebSocket as ProtocolSocket } from "graphql-ws";
import { type RawData, type WebSocket } from "ws";
import { type Logger } from "../../../observability/logger.js";
import { requestIdOf } from "../../request/request-id.js";
import { type LoggedCaller } from "../../request/request-log.js";
import { BadConnectionParams, headersWith } from "./connection-params.js";
import { ConnectionLog } from "./connection-log.js";
import { IdleWatch, type IdleLimits } from "./idle-watch.js";
import { type LiveConnection } from "../connections.js";
import { type MemoryBudget } from "./memory-budget.js";
import { type EndReason, type LiveClient, type LiveOperation } from "../live-operation.js";
import { ReadyQueue } from "../ready-queue.js";
import { MESSAGES_MAX_LENGTH, OperationIds } from "./operation-ids.js";
import { PeerWatch } from "./peer-watch.js";
import { textFrame } from "./frames.js";

/** The `readyState` of a WebSocket that accepts messages. */
const OPEN = 1;
/** "Service Restart": clients of graphql-ws reconnect by themselves. */
const SERVICE_RESTART = 1012;
/** "Try Again Later": clients of graphql-ws reconnect by themselves. */
const TRY_AGAIN_LATER = 1013;

/** The time limits of a WebSocket. */
export type WebSocketLimits = IdleLimits & {
  /** The interval of pings, in milliseconds. */
  readonly keepAliveMs: number;
};

/** One WebSocket and its client. */
export class WebSocketConnection implements LiveConnection, LiveClient {
  readonly transport = "ws";
  requestId: string;
  endReason: EndReason | null = null;
  readonly #running = new Set<LiveOperation>();
  readonly #queue = new ReadyQueue(() => this.isReady);
  #operations: OperationIds | null = null;
  readonly #idle: IdleWatch;
  readonly #peer: PeerWatch;
  readonly #log: ConnectionLog;

  /**
   * @param tcpSocket the socket under the WebSocket
   * @param memoryBudget the budget of all connections
   * @param noteRead called when an operation has read events
   */
  constructor(
    private readonly socket: WebSocket,
    private readonly tcpSocket: Socket,
    public headers: IncomingHttpHeaders,
    private readonly logger: Logger,
    private readonly memoryBudget: MemoryBudget,
    limits: WebSocketLimits,
    readonly noteRead: LiveClient["noteRead"],
  ) {
    this.#idle = new IdleWatch(limits);
    this.requestId = requestIdOf(headers["x-request-id"]);
    this.#log = new ConnectionLog(logger);
    this.#peer = new PeerWatch(socket, tcpSocket, memoryBudget, limits.keepAliveMs, () => {
      this.terminate();
    });
    // After an invalid frame or a message that is too long, ws closes the connection with the matching code.
    socket.on("error", this.#onError);
  }

  /** The number of running operations. */
  get operations(): number {
    return this.#operations?.size ?? 0;
  }

  /** The network address of the client. */
  get address(): string | undefined {
    return this.tcpSocket.remoteAddress;
  }

  get isReady(): boolean {
    return this.tcpSocket.writableLength === 0;
  }

  whenReady(callback: () => void): void {
    this.#queue.add(callback);
  }

  add(operation: LiveOperation): void {
    this.#running.add(operation);
  }

  remove(operation: LiveOperation): void {
    if (!this.#running.delete(operation)) return;
    this.#idle.ended(operation);
    if (this.endReason === "shutdown" && this.#running.size === 0) this.#closeForRestart();
  }

  /** Sends a result as one message: a prefix for this operation, and the shared result. */
  send(prefix: string, result: Buffer): void {
    if (this.socket.readyState !== OPEN) return;
    this.tcpSocket.write(textFrame(prefix, result), this.#queue.release);
    this.#peer.sent();
  }

  /** The socket in the form that graphql-ws needs. */
  get forProtocol(): ProtocolSocket {
    const { socket } = this;
    return {
      protocol: socket.protocol,
      // A failed send needs no handling, because the end of the connection is reported separately.
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
        const operations = new OperationIds(pass, MESSAGES_MAX_LENGTH, this.memoryBudget);
        this.#operations = operations;
        socket.on("message", (data: RawData) => {
          this.#peer.heard();
          // ws passes a Buffer by default.
          const taken = operations.take(Buffer.isBuffer(data) ? data.toString("utf8") : "");
          if (taken === "id-in-use")
            socket.close(CloseCode.SubscriberAlreadyExists, "The operation ID is already in use");
          else if (taken === "over-limit") this.terminate();
        });
        socket.on("close", () => {
          operations.close();
        });
      },
    };
  }

  /**
   * Takes the `connectionParams` of the client.
   * @returns whether the connection may continue
   */
  takeParams(params: Readonly<Record<string, unknown>>): boolean {
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

  /** Tells each subscription that the process shuts down. Closes the connection after the last query. */
  close(): boolean {
    this.endReason ??= "shutdown";
    // Clients send a new operation again after they have reconnected.
    this.#operations?.close();
    if (this.#running.size === 0) this.#closeForRestart();
    else for (const operation of [...this.#running]) operation.shutDown();
    return this.#running.size === 0;
  }

  /** Closes the connection so that the client reconnects. */
  #closeForRestart(): void {
    // After an operation has ended, graphql-ws sends its last message within the same turn of the event loop.
    setImmediate(() => {
      this.socket.close(SERVICE_RESTART, "Service Restart");
    });
  }

  /** Closes the connection because the caller has too many. Its client may try again later. */
  closeAsFull(): void {
    this.socket.close(TRY_AGAIN_LATER, "Too many live connections of this caller are open");
  }

  terminate(): void {
    this.endReason ??= "stalled";
    this.socket.terminate();
  }

  tick(nowMs: number): void {
    const close = this.#idle.closeOf(nowMs, this.#running, this.headers);
    if (close !== null) this.socket.close(close.code, close.reason);
    this.#peer.tick(nowMs);
  }

  /** Calls back when the connection has ended, and writes a log line. */
  onClose(callback: (code: number, reason: string) => void): void {
    this.socket.on("close", (closeCode, reason) => {
      this.#peer.close();
      // This ends the operations. Each of them adds its caller and jobs to the log line.
      callback(closeCode, reason.toString("utf8"));
      this.#log.write(this.requestId, closeCode);
    });
  }

  noteCaller(caller: LoggedCaller): void {
    this.#log.add(caller);
  }

  readonly #onError = (error: Error): void => {
    this.logger.debug({ err: error, requestId: this.requestId }, "A WebSocket failed because of its client");
  };

  readonly #closeAfter = (error: unknown): void => {
    // The only error that graphql-ws throws for a well-formed message.
    if (error instanceof Error && error.message.startsWith("Unexpected message of type")) {
      this.socket.close(CloseCode.BadRequest, "Unexpected message received");
      return;
    }
    this.logger.error(
      { err: error, requestId: this.requestId },
      "A WebSocket failed because of a fault in the gateway",
    );
    this.socket.close(CloseCode.InternalServerError, "Internal server error");
  };
}
