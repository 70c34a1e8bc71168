import { EventEmitter } from "node:events";

/**
 * Replaces the HTTP response in the deadline of an operation on a live connection. The connection stays open after the
 * operation, so its closing does not end the deadline. Instead, the operation reports its end, or its signal is
 * aborted.
 */
export class OperationLife extends EventEmitter {
  /** Whether the operation ended by itself and was not aborted. */
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
