import { type IncomingHttpHeaders } from "node:http";
import { type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { CloseCode, type WebSocket as ProtocolSocket } from "graphql-ws";
import { type RawData, type WebSocket } from "ws";
import { type Logger } from "../../../observability/logger.js";
import { requestIdOf } from "../../request/request-id.js";
import { BadConnectionParams, headersWith } from "./connection-params.js";
import { type LiveConnection } from "../connections.js";
import { type MemoryBudget } from "./memory-budget.js";
import { type EndReason, type LiveClient } from "../live-operation.js";
import { OperationIds } from "./operation-ids.js";
import { FairSendQueue } from "./fair-send-queue.js";

/** What may wait to be read by a client that goes on sending, in bytes; a single batch may be longer. */
const BACKLOG_MAX_BYTES = 16 * 1024 * 1024;
/** What may wait to be read whatever other connections hold, in bytes. */
const BACKLOG_FREE_BYTES = 65_536;
/** What the operations of one connection may have been asked with, in letters: a hundred of 40,000, say. */
const ASKED_MAX_LENGTH = 4 * 1024 * 1024;
/** How many times in a row a client may leave unanswered whether it is there, as long as it reads. */
const UNANSWERED_MAX = 10;
/** "Service Restart": clients of graphql-ws come back by themselves. */
const SERVICE_RESTART = 1012;

/** One WebSocket and who is at its other end. */
export class WebSocketConnection implements LiveConnection, LiveClient {
  readonly transport = "ws";
  /** Whose turn it is to send on it. */
  readonly turns = new FairSendQueue();
  requestId: string;
  endReason: EndReason | null = null;
  #operations: OperationIds | null = null;
  /** Whether anything has come from the client since it was asked whether it is there. */
  #isThere = true;
  /** Whether it has been sent more, since something last came from it, than it could take at once. */
  #isBehind = false;
  /** What waits to be read, in bytes, when it was last looked at. */
  #backlog = 0;

  /**
   * @param below what the WebSocket is spoken on
   * @param memoryBudget what all connections hold
   */
  constructor(
    private readonly socket: WebSocket,
    private readonly below: Socket,
    public headers: IncomingHttpHeaders,
    private readonly logger: Logger,
    private readonly memoryBudget: MemoryBudget,
  ) {
    this.requestId = requestIdOf(headers["x-request-id"]);
    // What is no frame, or too long a message: ws closes the connection with the code that says so.
    socket.on("error", (error) => {
      logger.debug({ err: error, requestId: this.requestId }, "A WebSocket was broken by its client");
    });
    socket.on("ping", this.#heard);
    socket.on("pong", this.#heard);
    below.on("timeout", () => {
      this.cut();
    });
  }

  /** How many of its operations have not ended. */
  get operations(): number {
    return this.#operations?.size ?? 0;
  }

  /** What graphql-ws asks of a socket. */
  get forProtocol(): ProtocolSocket {
    const { socket } = this;
    return {
      protocol: socket.protocol,
      // What cannot be sent any more is no error: the connection's end is told by itself.
      send: (text) =>
        new Promise((sent) => {
          socket.send(text, () => {
            sent();
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

  close(): void {
    this.endReason ??= "shutdown";
    this.socket.close(SERVICE_RESTART, "Service Restart");
  }

  cut(): void {
    this.endReason ??= "stalled";
    this.socket.terminate();
  }

  /**
   * Cuts it off once nothing has come from its peer from one question to the next: it is gone, or does not read. Where
   * the question had to queue, the peer has time to get to it as long as it reads, up to a bound.
   * @returns a function that ends it
   */
  keepAlive(everyMs: number): () => void {
    let unanswered = 0;
    const timer = setInterval(() => {
      unanswered = this.#isThere ? 0 : unanswered + 1;
      if (unanswered === UNANSWERED_MAX || (unanswered > 0 && !this.#isBehind)) {
        this.cut();
        return;
      }
      this.#isThere = false;
      this.socket.ping();
      this.#isBehind ||= this.#lookAtBacklog() > 0;
      // Node's own time limit: it begins anew whenever the client takes anything, be it a part of a message.
      if (this.#isBehind && !this.below.timeout) this.below.setTimeout(everyMs);
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
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

  /** Something has come: answers to those who do not read them must not pile up. */
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
