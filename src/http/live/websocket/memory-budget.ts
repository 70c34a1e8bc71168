/** What all WebSockets of a process hold for their clients together: what these have asked, and do not read. */
export class MemoryBudget {
  #amount = 0;

  /** @param max of letters and bytes alike */
  constructor(private readonly max: number) {}

  get isExceeded(): boolean {
    return this.#amount > this.max;
  }

  /** @param by how much more is held than before; negative for less */
  change(by: number): void {
    this.#amount += by;
  }
}
