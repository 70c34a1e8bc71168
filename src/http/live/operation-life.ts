import { EventEmitter } from "node:events";

/**
 * Stands in for the response whose closing ends an operation's deadline, where the connection serves others as well
 * and stays open: the operation is over when it says so, or given up when its signal is aborted.
 */
export class OperationLife extends EventEmitter {
  /** Whether it was over before anybody gave it up. */
  writableFinished = false;
  destroyed = false;

  constructor(private readonly signal: AbortSignal) {
    super();
    if (signal.aborted) this.destroyed = true;
    else signal.addEventListener("abort", this.#close, { once: true });
  }

  end(): void {
    if (this.destroyed) return;
    this.writableFinished = true;
    this.#close();
  }

  readonly #close = (): void => {
    this.signal.removeEventListener("abort", this.#close);
    this.destroyed = true;
    this.emit("close");
  };
}
