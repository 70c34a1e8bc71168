/** The pause between two readings of a log. It ends early where somebody else has read news of the log. */
export class NewsPause {
  /** The moment of the latest reading with news that was told since the last pause began. */
  #toldAtMs = 0;
  #asOfMs = 0;
  #wake: (() => void) | null = null;

  /** @param readAtMs when somebody has read news, in milliseconds since the epoch */
  tell(readAtMs: number): void {
    this.#toldAtMs = Math.max(this.#toldAtMs, readAtMs);
    if (readAtMs > this.#asOfMs) this.end();
  }

  /** Ends the pause. */
  end(): void {
    this.#wake?.();
  }

  /**
   * @param wait lets time pass until its signal is aborted, and may then reject
   * @param asOfMs the state of the log that is known, in milliseconds since the epoch: later news leave no pause
   * @param signal ends it, too
   */
  async take(
    wait: (signal: AbortSignal) => Promise<void>,
    asOfMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const toldAtMs = this.#toldAtMs;
    // Told once is read once: with several logs, what is known may be from before the news of one of them.
    this.#toldAtMs = 0;
    this.#asOfMs = asOfMs;
    if (toldAtMs > asOfMs) return;
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
