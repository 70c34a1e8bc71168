import { type IncomingHttpHeaders } from "node:http";
import { CloseCode } from "graphql-ws";
import { type LiveOperation } from "../live-operation.js";

const NORMAL_CLOSURE = 1000;

/** The limits of a WebSocket without an accepted operation. */
export type IdleLimits = {
  /** A connection without an accepted operation is closed after this time, in milliseconds. */
  readonly idleMs: number;
  /** The header that callers must send; null for none. If set, only operations that read events keep a connection open. */
  readonly credentialsHeader: string | null;
};

/** How a WebSocket is closed. */
type Close = { readonly code: number; readonly reason: string };

/** Clients of graphql-ws do not reconnect by themselves after this code: the same credentials would be refused again. */
const UNAUTHORIZED: Close = { code: CloseCode.Unauthorized, reason: "Unauthorized" };
/** The normal end. */
const NO_OPERATION: Close = { code: NORMAL_CLOSURE, reason: "No operation" };

/** Decides when a WebSocket is closed because it has had no accepted operation for a while. */
export class IdleWatch {
  /** The time since which there is no accepted operation, in milliseconds since the epoch. */
  #sinceMs = Date.now();
  /** Whether the credentials of the last operation that ended were refused. */
  #isRefused = false;

  constructor(private readonly limits: IdleLimits) {}

  /** Takes an operation that has ended. A token is checked only when events are read. */
  ended(operation: LiveOperation): void {
    this.#isRefused = operation.code === "UNAUTHENTICATED";
    const isAccepted =
      this.limits.credentialsHeader === null ? operation.hasSent && !this.#isRefused : operation.hasRead;
    if (isAccepted) this.#sinceMs = Date.now();
  }

  /** The way to close the connection now; null to leave it open. @param running the running operations */
  closeOf(nowMs: number, running: ReadonlySet<LiveOperation>, headers: IncomingHttpHeaders): Close | null {
    const { idleMs, credentialsHeader } = this.limits;
    if (nowMs < this.#sinceMs + idleMs) return null;
    // Otherwise a client that always sends the next operation before the last one is refused would never be closed.
    if (running.size > 0) {
      return this.#isRefused && ![...running].some(({ hasRead }) => hasRead) ? UNAUTHORIZED : null;
    }
    const hasCredentials = credentialsHeader === null || headers[credentialsHeader] !== undefined;
    return this.#isRefused || !hasCredentials ? UNAUTHORIZED : NO_OPERATION;
  }
}
