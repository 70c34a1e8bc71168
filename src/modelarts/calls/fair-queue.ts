/** A call that waits for its turn. */
export type Waiter = {
  /** The caller that gets a fair share: callers take turns, and so do the requests of one caller. */
  readonly caller: string;
  readonly requestId: string;
  readonly onTurn: () => void;
};

type Lane = { size: number; readonly requests: Map<string, Set<Waiter>> };

/** A queue in which callers take turns, independent of the number of their calls. */
export class FairQueue {
  // A Map keeps the order of insertion; a caller moves to the end after its turn.
  readonly #callers = new Map<string, Lane>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(waiter: Waiter): void {
    const lane = this.#callers.get(waiter.caller) ?? { size: 0, requests: new Map<string, Set<Waiter>>() };
    const waiters = lane.requests.get(waiter.requestId) ?? new Set();
    this.#callers.set(waiter.caller, lane);
    lane.requests.set(waiter.requestId, waiters.add(waiter));
    lane.size += 1;
    this.#size += 1;
  }

  /** @returns whether the waiter was in the queue */
  remove(waiter: Waiter): boolean {
    const lane = this.#callers.get(waiter.caller);
    const waiters = lane?.requests.get(waiter.requestId);
    if (lane === undefined || waiters?.delete(waiter) !== true) return false;
    lane.size -= 1;
    this.#size -= 1;
    if (waiters.size === 0) lane.requests.delete(waiter.requestId);
    if (lane.size === 0) this.#callers.delete(waiter.caller);
    return true;
  }

  /** Removes and returns the waiter whose turn it is. */
  next(): Waiter | null {
    const lane = first(this.#callers.values());
    const waiters = lane && first(lane.requests.values());
    const waiter = waiters && first(waiters);
    if (lane === undefined || waiters === undefined || waiter === undefined) return null;
    this.remove(waiter);
    toEnd(lane.requests, waiter.requestId);
    toEnd(this.#callers, waiter.caller);
    return waiter;
  }

  /** The newest waiter of the caller with the most calls in the queue; null if no caller has more than this one. */
  surplus(caller: string): Waiter | null {
    let longest = this.#callers.get(caller);
    const own = longest?.size ?? 0;
    for (const lane of this.#callers.values()) if (lane.size > (longest?.size ?? 0)) longest = lane;
    if (longest === undefined || longest.size <= own + 1) return null;
    const waiters = [...longest.requests.values()].at(-1);
    return waiters === undefined ? null : ([...waiters].at(-1) ?? null);
  }
}

function first<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}

function toEnd<T>(map: Map<string, T>, key: string): void {
  const value = map.get(key);
  if (value === undefined) return;
  map.delete(key);
  map.set(key, value);
}
