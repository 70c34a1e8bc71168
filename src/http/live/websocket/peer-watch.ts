import { type Socket } from "node:net";
import { type WebSocket } from "ws";
import { type MemoryBudget } from "./memory-budget.js";

/** Unread bytes that are allowed while the client continues to send; a single batch may be longer. */
const BACKLOG_MAX_BYTES = 16 * 1024 * 1024;
/** Unread bytes that are allowed whatever other connections hold. */
const BACKLOG_FREE_BYTES = 65_536;
/** The number of consecutive pings that a client may leave unanswered, as long as it reads. */
const UNANSWERED_MAX = 10;

/** Finds out whether the peer of a WebSocket is still there and reads, and limits what waits for it. */
export class PeerWatch {
  /** Whether anything has come from the client since the last ping. */
  #isThere = true;
  /** How many pings in a row the client has left unanswered. */
  #unanswered = 0;
  #pingAtMs: number;
  /** Whether it has been sent more, since something last came from it, than it could take at once. */
  #isBehind = false;
  /** How many bytes wait to be read, when last looked at. */
  #backlog = 0;

  /**
   * @param below the socket under the WebSocket
   * @param memoryBudget of all connections
   * @param pingEveryMs how often the peer is pinged, in milliseconds
   * @param cut ends the connection at once
   */
  constructor(
    private readonly socket: WebSocket,
    private readonly below: Socket,
    private readonly memoryBudget: MemoryBudget,
    private readonly pingEveryMs: number,
    private readonly cut: () => void,
  ) {
    this.#pingAtMs = Date.now() + pingEveryMs;
    socket.on("ping", this.heard);
    socket.on("pong", this.heard);
    below.on("timeout", cut);
  }

  /** Something was sent to the client. */
  sent(): void {
    this.#isBehind ||= this.socket.bufferedAmount > 0;
  }

  /** Something has come from the client. What waits for it must not pile up if it sends and does not read. */
  readonly heard = (): void => {
    this.#isThere = true;
    if (this.below.timeout) this.below.setTimeout(0);
    const backlog = this.#lookAtBacklog();
    this.#isBehind = backlog > 0;
    if (backlog > (this.memoryBudget.isExceeded ? BACKLOG_FREE_BYTES : BACKLOG_MAX_BYTES)) this.cut();
  };

  tick(nowMs: number): void {
    if (nowMs >= this.#pingAtMs) this.#ping(nowMs);
  }

  /** The connection is over. */
  close(): void {
    this.memoryBudget.change(-this.#backlog);
    this.#backlog = 0;
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

  #lookAtBacklog(): number {
    const backlog = this.socket.bufferedAmount;
    this.memoryBudget.change(backlog - this.#backlog);
    this.#backlog = backlog;
    return backlog;
  }
}
