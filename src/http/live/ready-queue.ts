/** Operations that wait until their client has read what it was sent. They continue one by one, in order. */
export class ReadyQueue {
  // Most connections never need one.
  #waiting: (() => void)[] | null = null;

  constructor(private readonly isReady: () => boolean) {}

  /** @param callback is called once the client is ready */
  add(callback: () => void): void {
    this.#waiting ??= [];
    this.#waiting.push(callback);
  }

  /** Lets the first one continue if the client is ready, and the next one after it if the client then still is. */
  readonly release = (): void => {
    if (this.#waiting === null || !this.isReady()) return;
    const next = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#waiting = null;
    else setImmediate(this.release);
    next?.();
  };
}
