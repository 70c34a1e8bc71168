import { type Socket } from "node:net";
import { type WebSocket } from "ws";
import { type MemoryBudget } from "./memory-budget.js";
import { PING_FRAME } from "./frames.js";

/** The maximum of unread bytes at which messages of the client are still accepted. A single batch can be longer. */
const BACKLOG_MAX_BYTES = 16 * 1024 * 1024;
/** The same maximum while the memory budget of all connections is exceeded. */
const BACKLOG_FREE_BYTES = 65_536;
/** The maximum number of consecutive unanswered pings of a client that still reads. */
const UNANSWERED_MAX = 10;

/** Detects whether the client of a WebSocket is still connected and reads, and limits its unread data. */
export class PeerWatch {
  /** Whether the client has sent anything since the last ping. */
  #isThere = true;
  /** The number of consecutive pings without an answer. */
  #unanswered = 0;
  #pingAtMs: number;
  /** Whether the client has had unread data since it last sent something. */
  #isBehind = false;
  /** The number of unread bytes at the last check. */
  #backlog = 0;

  /**
   * @param tcpSocket the socket under the WebSocket
   * @param memoryBudget the budget of all connections
   * @param pingEveryMs the interval of pings, in milliseconds
   * @param terminate closes the connection at once
   */
  constructor(
    private readonly socket: WebSocket,
    private readonly tcpSocket: Socket,
    private readonly memoryBudget: MemoryBudget,
    private readonly pingEveryMs: number,
    private readonly terminate: () => void,
  ) {
    this.#pingAtMs = Date.now() + pingEveryMs;
    socket.on("ping", this.heard);
    socket.on("pong", this.heard);
    tcpSocket.on("timeout", terminate);
  }

  /** Called after something was sent to the client. */
  sent(): void {
    this.#isBehind ||= this.tcpSocket.writableLength > 0;
  }

  /** Called when the client has sent something. Limits the unread data of a client that sends but does not read. */
  readonly heard = (): void => {
    this.#isThere = true;
    if (this.tcpSocket.timeout) this.tcpSocket.setTimeout(0);
    const backlog = this.#measureBacklog();
    this.#isBehind = backlog > 0;
    if (backlog > (this.memoryBudget.isExceeded ? BACKLOG_FREE_BYTES : BACKLOG_MAX_BYTES)) this.terminate();
  };

  tick(nowMs: number): void {
    if (nowMs >= this.#pingAtMs) this.#ping(nowMs);
  }

  /** Called when the connection has ended. */
  close(): void {
    this.memoryBudget.change(-this.#backlog);
    this.#backlog = 0;
  }

  /**
   * Closes the connection if its client has sent nothing since the last ping: it has left, or does not read. A client
   * with much unread data may answer later, as long as it reads, up to {@link UNANSWERED_MAX} pings.
   */
  #ping(nowMs: number): void {
    this.#pingAtMs = nowMs + this.pingEveryMs;
    this.#unanswered = this.#isThere ? 0 : this.#unanswered + 1;
    if (this.#unanswered === UNANSWERED_MAX || (this.#unanswered > 0 && !this.#isBehind)) {
      this.terminate();
      return;
    }
    this.#isThere = false;
    if (this.socket.readyState === this.socket.OPEN) this.tcpSocket.write(PING_FRAME);
    this.#isBehind ||= this.#measureBacklog() > 0;
    // Node's socket time-out. It starts again whenever the client reads some bytes, even a part of a message.
    if (this.#isBehind && !this.tcpSocket.timeout) this.tcpSocket.setTimeout(this.pingEveryMs);
  }

  #measureBacklog(): number {
    const backlog = this.tcpSocket.writableLength;
    this.memoryBudget.change(backlog - this.#backlog);
    this.#backlog = backlog;
    return backlog;
  }
}
