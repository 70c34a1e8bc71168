/**
 * The memory that all WebSockets of a process use together for messages of running operations and for unread results.
 */
export class MemoryBudget {
  #amount = 0;

  /** @param max the maximum of characters and bytes together */
  constructor(private readonly max: number) {}

  get isExceeded(): boolean {
    return this.#amount > this.max;
  }

  /** @param by the change of the used amount */
  change(by: number): void {
    this.#amount += by;
  }
}
