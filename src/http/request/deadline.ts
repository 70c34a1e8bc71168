import { setMaxListeners } from "node:events";
import { GatewayError } from "../../errors.js";
import { NO_ANSWER } from "../../modelarts/upstream-error.js";

/** How long one operation may go on, and a way to end it early. */
export type OperationDeadline = {
  /** Its reason is a GatewayError. Made when it is first asked for: most operations wait for nothing. */
  readonly signal: AbortSignal;
  /** In milliseconds since the epoch. */
  readonly deadlineMs: number;
  readonly abort: (reason: GatewayError) => void;
};

/** What is asked of Node's `ServerResponse`. */
type ClosingResponse = {
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  once(event: "close", listener: () => void): unknown;
};

/** Starts the clock of one operation; all of it is given back once the response is closed, however it ended. */
export function startDeadline(timeoutMs: number, response: ClosingResponse): OperationDeadline {
  return new StartedDeadline(timeoutMs, response);
}

/**
 * A class, since its signal is a getter: one in an object literal gives each such object a hidden class of its own, and
 * V8 keeps what the getter refers to until a full collection, here a whole operation with all its pages.
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
    // Every upstream call of the operation listens, and there may be many more than ten.
    setMaxListeners(0, controller.signal);
    if (this.#early !== null) controller.abort(this.#early);
    // To the client it is the upstream that gave no answer, whichever limit was the first to be reached.
    const timer = setTimeout(() => {
      const message = `The operation took longer than ${this.timeoutMs} ms.`;
      controller.abort(new GatewayError("UPSTREAM_TIMEOUT", message, { modelArts: NO_ANSWER }));
    }, this.deadlineMs - Date.now());
    const onClose = (): void => {
      clearTimeout(timer);
      if (this.response.writableFinished) return;
      controller.abort(
        new GatewayError("UPSTREAM_UNAVAILABLE", "The client went away before it was answered."),
      );
    };
    // A response that is closed already tells nobody again.
    if (this.response.destroyed) onClose();
    else this.response.once("close", onClose);
    return controller;
  }
}
