/**
 * The pause between two readings of a log. It ends early if another operation or process has read new events of the
 * log.
 */
export class NewsPause {
  /** The moment of the latest reading with new events that was reported since the last pause began. */
  #reportedAtMs = 0;
  #asOfMs = 0;
  #wake: (() => void) | null = null;

  /** @param readAtMs the moment of a reading with new events, in milliseconds since the epoch */
  report(readAtMs: number): void {
    this.#reportedAtMs = Math.max(this.#reportedAtMs, readAtMs);
    if (readAtMs > this.#asOfMs) this.end();
  }

  /** Ends the pause. */
  end(): void {
    this.#wake?.();
  }

  /**
   * @param wait waits until its signal is aborted, and may then reject
   * @param asOfMs the moment of the known state of the log, in milliseconds since the epoch. After a later reading with
   *   new events there is no pause
   * @param signal also ends the pause
   */
  async take(
    wait: (signal: AbortSignal) => Promise<void>,
    asOfMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const reportedAtMs = this.#reportedAtMs;
    // A report causes only one reading. With several logs, the known state can be older than the report of one of them.
    this.#reportedAtMs = 0;
    this.#asOfMs = asOfMs;
    if (reportedAtMs > asOfMs) return;
    const ended = new AbortController();
    const end = (): void => {
      ended.abort();
    };
    signal.addEventListener("abort", end, { once: true });
    this.#wake = end;
    await wait(ended.signal).catch(() => undefined);
    this.#wake = null;
    signal.removeEventListener("abort", end);
  }
}
