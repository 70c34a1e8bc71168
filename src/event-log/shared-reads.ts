import { BudgetExceeded, payerOf } from "./budget/budget.js";
import { type CacheOutcome } from "../cache/channels.js";
import { type FlightLock } from "../cache/flight-lock.js";
import { SingleFlight } from "../common/single-flight.js";
import { cacheKey } from "../cache/keys.js";
import { type Grants } from "./store/grants.js";
import { callOf, type EventLog, uncharged, type ReadCall } from "./event-log.js";

/** A part of a log that is to be read anew. */
export type PartRequest<T> = {
  readonly log: EventLog;
  /** Its name among the parts of its log. */
  readonly part: string;
  /** The earliest moment at which it must have been read. */
  readonly sinceMs: number;
  /** What is near of it by now, if that will do. */
  readonly local: () => T | null;
  /** Reads it and stores it. */
  readonly read: (call: ReadCall) => Promise<T>;
};

/** A part, and how it was come by. */
export type Fetched<T> = { readonly value: T; readonly outcome: CacheOutcome };

/**
 * Reads parts of logs once for all who want them, here and in other processes. A caller who may not see what others
 * have read waits only for those who read by the same token.
 */
export class SharedReads<T> {
  readonly #flights: SingleFlight<Fetched<T>>;

  constructor(
    private readonly lock: FlightLock,
    private readonly access: Pick<Grants, "isGranted" | "isOthersRefusal" | "ensure">,
    nowMs: () => number,
  ) {
    this.#flights = new SingleFlight(nowMs);
  }

  /** @throws GatewayError what the upstream says to this caller, or the reason of its signal */
  async read(want: PartRequest<T>, call: ReadCall): Promise<Fetched<T>> {
    const { log, part } = want;
    const path = cacheKey(log.prefix, part);
    const isShared = this.access.isGranted(log);
    const led = { own: false };
    // Each operation pays for what it waits for, whoever reads it.
    call.countUpstreamCall();
    const join = (way: string): Promise<{ value: Fetched<T>; joined: boolean }> =>
      this.#flights.join(
        way,
        want.sinceMs,
        { signal: call.signal, deadlineMs: call.deadlineMs() },
        (flight) => {
          led.own = true;
          return this.#fly(want, isShared, uncharged(callOf(flight, call)));
        },
      );
    const alone = `${path}:${log.caller}:${call.requestId}`;
    try {
      const { value: fetched, joined } = await join(isShared ? path : `${path}:${log.caller}`);
      if (!joined) return fetched;
      // Whoever led the flight may have been content with something older that another process had read.
      const value = fetched.outcome === "upstream" ? fetched.value : want.local();
      return value === null ? (await join(alone)).value : { value, outcome: "joined" };
    } catch (error) {
      const isOthers = this.access.isOthersRefusal(error, log) || isOthersBudget(error, log);
      if (led.own || !isOthers) throw error;
      // Whoever led the flight may not read any more; that is no matter of those who joined it.
      return (await join(alone)).value;
    }
  }

  async #fly(want: PartRequest<T>, isShared: boolean, call: ReadCall): Promise<Fetched<T>> {
    const { log, part, sinceMs, local, read } = want;
    const turn = await this.lock({
      key: cacheKey(log.prefix, part),
      lockKey: cacheKey(log.prefix, isShared ? `${part}:lock` : `${part}:lock:${log.caller}`),
      sinceMs,
      signal: call.signal,
      deadlineMs: call.deadlineMs,
    });
    if (turn.kind === "own") {
      try {
        return { value: await read(call), outcome: "upstream" };
      } finally {
        turn.leave();
      }
    }
    const value = local();
    if (value === null) return { value: await read(call), outcome: "upstream" };
    await this.access.ensure(log, call);
    return { value, outcome: turn.waited ? "joined" : "redis" };
  }
}

/** Whether the caller who led a flight has used its budget, which is no matter of those who joined it. */
function isOthersBudget(error: unknown, { credentials, caller }: EventLog): boolean {
  return error instanceof BudgetExceeded && error.payer !== payerOf(credentials, caller);
}
