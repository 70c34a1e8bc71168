import { BudgetExceeded, payerOf } from "./budget/budget.js";
import { type CacheOutcome } from "../cache/channels.js";
import { type FlightLock } from "../cache/flight-lock.js";
import { SingleFlight } from "../common/single-flight.js";
import { cacheKey } from "../cache/keys.js";
import { type Grants } from "./store/grants.js";
import { callOf, type EventLog, uncharged, type ReadCall } from "./event-log.js";

/** A request to read a part of a log again. */
export type PartRequest<T> = {
  readonly log: EventLog;
  /** The name of the part in its log. */
  readonly part: string;
  /** The earliest allowed moment of the reading. */
  readonly sinceMs: number;
  /** The part in memory at this time, if it satisfies the request. */
  readonly local: () => T | null;
  /** Reads the part and stores it. */
  readonly read: (call: ReadCall) => Promise<T>;
};

/** A part and its source. */
export type Fetched<T> = { readonly value: T; readonly outcome: CacheOutcome };

/**
 * Reads each part of a log once for all its callers, in this process and in others. A caller without a grant shares
 * only flights of the same token.
 */
export class SharedReads<T> {
  readonly #flights: SingleFlight<Fetched<T>>;

  constructor(
    private readonly lock: FlightLock,
    private readonly grants: Pick<Grants, "isGranted" | "isOthersRefusal" | "ensure">,
    nowMs: () => number,
  ) {
    this.#flights = new SingleFlight(nowMs);
  }

  /** @throws GatewayError the upstream's error for this caller, or the reason of its signal */
  async read(want: PartRequest<T>, call: ReadCall): Promise<Fetched<T>> {
    const { log, part } = want;
    const sharedKey = cacheKey(log.prefix, part);
    const isShared = this.grants.isGranted(log);
    const flightState = { startedHere: false };
    // Each operation counts the reads that it waits for, even if another operation makes them.
    call.countUpstreamCall();
    const join = (flightKey: string): Promise<{ value: Fetched<T>; joined: boolean }> =>
      this.#flights.join(
        flightKey,
        want.sinceMs,
        { signal: call.signal, deadlineMs: call.deadlineMs() },
        (flight) => {
          flightState.startedHere = true;
          return this.#readUnderLock(want, isShared, uncharged(callOf(flight, call)));
        },
      );
    const ownKey = `${sharedKey}:${log.caller}:${call.requestId}`;
    try {
      const { value: fetched, joined } = await join(isShared ? sharedKey : `${sharedKey}:${log.caller}`);
      if (!joined) return fetched;
      // The first caller of the flight may have accepted an older reading of another process.
      const value = fetched.outcome === "upstream" ? fetched.value : want.local();
      return value === null ? (await join(ownKey)).value : { value, outcome: "joined" };
    } catch (error) {
      const isOthers = this.grants.isOthersRefusal(error, log) || isOthersBudget(error, log);
      if (flightState.startedHere || !isOthers) throw error;
      // The first caller of the flight was refused. This does not concern callers that joined it.
      return (await join(ownKey)).value;
    }
  }

  async #readUnderLock(want: PartRequest<T>, isShared: boolean, call: ReadCall): Promise<Fetched<T>> {
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
    await this.grants.ensure(log, call);
    return { value, outcome: turn.waited ? "joined" : "redis" };
  }
}

/** Whether the first caller of a flight has used its budget, which does not concern callers that joined it. */
function isOthersBudget(error: unknown, { credentials, caller }: EventLog): boolean {
  return error instanceof BudgetExceeded && error.payer !== payerOf(credentials, caller);
}
