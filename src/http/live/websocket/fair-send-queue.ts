import { type LiveResults, resultsThrough } from "../../../graphql/live/live-results.js";

/** Whose turn it is to send on a connection: first come, first served. */
export class FairSendQueue {
  #last: Promise<void> = Promise.resolve();

  /** @returns a function that gives the turn to the next one */
  async take(): Promise<() => void> {
    const before = this.#last;
    let leave = (): void => undefined;
    this.#last = new Promise((resolve) => {
      leave = resolve;
    });
    await before;
    return leave;
  }
}

/**
 * The same results, of which each is given in a turn of its own that lasts until the next one is asked for: however
 * many operations share a connection, one result at a time waits there to be read.
 */
export function oneAtATime(results: LiveResults, turns: FairSendQueue): LiveResults {
  let leave: (() => void) | null = null;
  let isOver = false;
  const giveUp = (): void => {
    leave?.();
    leave = null;
  };
  const next: LiveResults["next"] = async () => {
    giveUp();
    const result = await results.next();
    if (result.done === true) return result;
    leave = await turns.take();
    // The operation may have been ended while it waited for its turn.
    if (!isOver) return result;
    giveUp();
    return { done: true, value: undefined };
  };
  return resultsThrough(results, next, () => {
    isOver = true;
    giveUp();
  });
}
