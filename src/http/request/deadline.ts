import { setMaxListeners } from "node:events";
import { GatewayError } from "../../errors.js";
import { NO_ANSWER } from "../../modelarts/upstream-error.js";

/** The time limit of one operation, and a way to end it early. */
export type OperationDeadline = {
  /** Its reason is a GatewayError. Created at its first use, because most operations do not wait. */
  readonly signal: AbortSignal;
  /** In milliseconds since the epoch. */
  readonly deadlineMs: number;
  readonly abort: (reason: GatewayError) => void;
};

/** The used part of Node's `ServerResponse`. */
type ClosingResponse = {
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  once(event: "close", listener: () => void): unknown;
};

/** Starts the time limit of one operation. When the response is closed, its timer and listeners are removed. */
export function startDeadline(timeoutMs: number, response: ClosingResponse): OperationDeadline {
  return new StartedDeadline(timeoutMs, response);
}

/**
 * A class, because its signal is a getter. With a getter in an object literal, V8 creates a hidden class for each
 * object, and keeps all that the getter refers to until a full garbage collection. Here that is an operation with all
 * its pages.
 */
class StartedDeadline implements OperationDeadline {
  readonly deadlineMs: number;
  #controller: AbortController | null = null;
  #early: GatewayError | null = null;

  constructor(
    private readonly timeoutMs: number,
    private readonly response: ClosingResponse,
  ) {
    this.deadlineMs = Date.now() + timeoutMs;
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#start();
    return this.#controller.signal;
  }

  readonly abort = (reason: GatewayError): void => {
    this.#early ??= reason;
    this.#controller?.abort(reason);
  };

  #start(): AbortController {
    const controller = new AbortController();
    // Every upstream call of the operation adds a listener. There can be more than ten, Node's limit for a warning.
    setMaxListeners(0, controller.signal);
    if (this.#early !== null) controller.abort(this.#early);
    // For the client, the reason is always the upstream that did not answer in time.
    const timer = setTimeout(() => {
      const message = `The operation took longer than ${this.timeoutMs} ms.`;
      controller.abort(new GatewayError("UPSTREAM_TIMEOUT", message, { modelArts: NO_ANSWER }));
    }, this.deadlineMs - Date.now());
    const onClose = (): void => {
      clearTimeout(timer);
      if (this.response.writableFinished) return;
      controller.abort(
        new GatewayError("UPSTREAM_UNAVAILABLE", "The client closed the connection before the answer."),
      );
    };
    // A response that is already closed does not emit `close` again.
    if (this.response.destroyed) onClose();
    else this.response.once("close", onClose);
    return controller;
  }
}
