import { setMaxListeners } from "node:events";
import { GatewayError } from "../errors.js";
import { NO_ANSWER } from "../modelarts/upstream-error.js";

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
  const deadlineMs = Date.now() + timeoutMs;
  let controller: AbortController | null = null;
  let early: GatewayError | null = null;
  const abort = (reason: GatewayError): void => {
    early ??= reason;
    controller?.abort(reason);
  };
  // To the client it is the upstream that gave no answer, whichever limit was the first to be reached.
  const timeOut = (message: string): void => {
    abort(new GatewayError("UPSTREAM_TIMEOUT", message, { modelArts: NO_ANSWER }));
  };
  const start = (): AbortController => {
    const started = new AbortController();
    // Every upstream call of the operation listens, and there may be many more than ten.
    setMaxListeners(0, started.signal);
    if (early !== null) started.abort(early);
    const timer = setTimeout(() => {
      timeOut(`The operation took longer than ${timeoutMs} ms.`);
    }, deadlineMs - Date.now());
    const onClose = (): void => {
      clearTimeout(timer);
      if (!response.writableFinished) timeOut("The client went away before it was answered.");
    };
    controller = started;
    // A response that is closed already tells nobody again.
    if (response.destroyed) onClose();
    else response.once("close", onClose);
    return started;
  };
  return {
    get signal() {
      return (controller ?? start()).signal;
    },
    deadlineMs,
    abort,
  };
}
