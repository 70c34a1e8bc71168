import { setMaxListeners } from "node:events";
import { asError } from "../errors.js";

/** One waiter of a flight. */
export type Waiter = {
  /** Aborted when this waiter no longer waits. */
  readonly signal: AbortSignal;
  /** The end of the wait, in milliseconds since the epoch. */
  readonly deadlineMs: number;
};

/** The limits that the waiters of a flight give to its work. */
export type FlightCall = {
  /** Aborted when the last waiter has left. */
  readonly signal: AbortSignal;
  /** The latest deadline of all waiters. */
  readonly deadlineMs: () => number;
};

type Flight<T> = {
  readonly startedAtMs: number;
  /** One entry for each wait, because one waiter can wait twice. */
  readonly places: Set<{ readonly deadlineMs: number }>;
  readonly abort: AbortController;
  readonly result: Promise<T>;
};

/**
 * Runs one piece of work for each key at a time and shares it with all callers that join before it ends. The work is
 * aborted when its last waiter leaves.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  constructor(private readonly nowMs: () => number) {}

  /**
   * Waits for the work under `key`. Joins the work in flight if it started at `sinceMs` or later; otherwise starts new
   * work.
   * @returns the value of the work, and whether another caller started it
   * @throws the error of the work, or the reason of the waiter's signal
   */
  async join(
    key: string,
    sinceMs: number,
    waiter: Waiter,
    work: (call: FlightCall) => Promise<T>,
  ): Promise<{ value: T; joined: boolean }> {
    waiter.signal.throwIfAborted();
    const current = this.#flights.get(key);
    const joined = current !== undefined && current.startedAtMs >= sinceMs && !current.abort.signal.aborted;
    const place = { deadlineMs: waiter.deadlineMs };
    const flight = joined ? current : this.#start(key, place, work);
    flight.places.add(place);
    return { value: await wait(flight, place, waiter.signal), joined };
  }

  #start(
    key: string,
    first: { readonly deadlineMs: number },
    work: (call: FlightCall) => Promise<T>,
  ): Flight<T> {
    const abort = new AbortController();
    // A histogram makes many parallel calls in one flight, and each call adds a listener.
    setMaxListeners(Infinity, abort.signal);
    const places = new Set([first]);
    const startedAtMs = this.nowMs();
    const deadlineMs = () => Math.max(...Array.from(places, (place) => place.deadlineMs));
    const flight = { startedAtMs, places, abort, result: work({ signal: abort.signal, deadlineMs }) };
    this.#flights.set(key, flight);
    const forget = (): void => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    flight.result.then(forget, forget);
    return flight;
  }
}

function wait<T>(flight: Flight<T>, place: { readonly deadlineMs: number }, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      flight.places.delete(place);
      signal.removeEventListener("abort", onAbort);
    };
    const onAbort = (): void => {
      leave();
      const reason = asError(signal.reason);
      if (flight.places.size === 0) flight.abort.abort(reason);
      reject(reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    flight.result.then(
      (value) => {
        leave();
        resolve(value);
      },
      (error: unknown) => {
        leave();
        reject(asError(error));
      },
    );
  });
}
