/** Operations that wait until their client has read the data that was sent. They continue one by one, in order. */
export class ReadyQueue {
  // Created only when needed, because most connections never need it.
  #waiting: (() => void)[] | null = null;

  constructor(private readonly isReady: () => boolean) {}

  /** @param callback called once when the client is ready */
  add(callback: () => void): void {
    this.#waiting ??= [];
    this.#waiting.push(callback);
  }

  /** Continues the first operation if the client is ready, and then the next one if the client is still ready. */
  readonly release = (): void => {
    if (this.#waiting === null || !this.isReady()) return;
    const next = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#waiting = null;
    else setImmediate(this.release);
    next?.();
  };
}
