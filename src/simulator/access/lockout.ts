type Count = { failures: number; lockedUntilMs: number };

/** Locks a name after too many failures in a row. While it is locked, every attempt fails. */
export class Lockout {
  readonly #counts = new Map<string, Count>();

  /** @param failuresMax the failure that locks */
  constructor(
    private readonly failuresMax: number,
    private readonly lockedMs: number,
    private readonly nowMs: () => number,
  ) {}

  isLocked(name: string): boolean {
    return (this.#counts.get(name)?.lockedUntilMs ?? 0) > this.nowMs();
  }

  fail(name: string): void {
    const failures = (this.#counts.get(name)?.failures ?? 0) + 1;
    const isTooMany = failures >= this.failuresMax;
    this.#counts.set(name, {
      failures: isTooMany ? 0 : failures,
      lockedUntilMs: isTooMany ? this.nowMs() + this.lockedMs : 0,
    });
  }

  succeed(name: string): void {
    this.#counts.delete(name);
  }

  clear(): void {
    this.#counts.clear();
  }
}
