import { BudgetExceeded } from "../budget/budget.js";
import { asError, GatewayError } from "../../errors.js";
import { startLimit } from "../../modelarts/calls/call-limit.js";
import { detached, type EventLog, type ReadCall } from "../event-log.js";
import { LawBroken } from "../upstream-laws.js";
import { type Grants } from "./grants.js";

/** A part that must be read again. */
export type Renewal<T, Last> = {
  readonly log: EventLog;
  /** The name of the part in its log. */
  readonly part: string;
  /** The last reading, if it may be used as stale instead of a new one. */
  readonly last: () => Last | null;
  readonly read: (call: ReadCall) => Promise<T>;
};

/** A reading has a moment, in milliseconds since the epoch. */
type Dated = { readonly readAtMs: number };

/** A new reading, or the last one as stale. */
export type Renewed<T, Last> =
  { readonly kind: "read"; readonly value: T } | { readonly kind: "stale"; readonly value: Last };

/**
 * Decides when the last reading of a part is shown in place of a new one: when the new reading fails in a way that can
 * pass, and when it takes longer than a caller waits. In the second case the reading goes on in the background until
 * the caller's deadline, and while it does, later callers do not wait again.
 */
export class StaleIfError {
  /** The start times of running reads of parts that have a stale reading. */
  readonly #sinceMs = new Map<string, number>();

  /** @param waitMs how long callers wait for a new reading if a stale one may be used */
  constructor(
    private readonly grants: Pick<Grants, "isGranted">,
    private readonly waitMs: number,
    private readonly nowMs: () => number,
  ) {}

  /** Reads a part again, and reports it if the stale reading is used. */
  renew<T, Last extends Dated>(renewal: Renewal<T, Last>, call: ReadCall): Promise<Renewed<T, Last>> {
    const isLimited = call.renewalWait !== "unlimited" && renewal.last() !== null;
    return isLimited
      ? this.#reported(renewal, call, () => this.#renewWithin(renewal, call))
      : this.readOrStale(renewal, call);
  }

  /** Reads a part without a wait limit. Uses the stale reading only if the read fails. */
  readOrStale<T, Last extends Dated>(renewal: Renewal<T, Last>, call: ReadCall): Promise<Renewed<T, Last>> {
    return this.#reported(renewal, call, async () => ({ kind: "read", value: await renewal.read(call) }));
  }

  async #reported<T, Last extends Dated>(
    { part, last }: Renewal<T, Last>,
    call: ReadCall,
    read: () => Promise<Renewed<T, Last>>,
  ): Promise<Renewed<T, Last>> {
    let renewed: Renewed<T, Last>;
    try {
      renewed = await read();
    } catch (error) {
      const value = isTransient(error) && !isGivenUp(call) ? last() : null;
      if (value === null) throw error;
      renewed = { kind: "stale", value };
    }
    if (renewed.kind === "stale") {
      call.report({ part, outcome: "stale", ageMs: this.nowMs() - renewed.value.readAtMs }, null);
    }
    return renewed;
  }

  async #renewWithin<T, Last>(
    { log, part, last, read }: Renewal<T, Last>,
    call: ReadCall,
  ): Promise<Renewed<T, Last>> {
    const lastReading = last();
    // Callers without a grant do not share the readings of others.
    const name = `${log.prefix}:${part}${this.grants.isGranted(log) ? "" : `:${log.caller}`}`;
    const nowMs = this.nowMs();
    const sinceMs = this.#sinceMs.get(name);
    const leftMs = call.renewalWait === "over" ? 0 : this.waitMs - (nowMs - (sinceMs ?? nowMs));
    // If other callers have already waited for this reading for the full time, this caller does not wait.
    if (sinceMs !== undefined && leftMs <= 0 && lastReading !== null) {
      return { kind: "stale", value: lastReading };
    }
    const reading = read(detached(call));
    if (sinceMs === undefined) this.#note(name, nowMs, reading);
    const inTime = await within(reading, call, leftMs);
    if (inTime !== null) return inTime;
    call.renewalWait = "over";
    // Checked again, because the log may have changed or the caller may have been refused during the wait.
    const value = last();
    if (value !== null) return { kind: "stale", value };
    return (await within(reading, call, Infinity)) ?? { kind: "read", value: await reading };
  }

  #note(name: string, nowMs: number, reading: Promise<unknown>): void {
    this.#sinceMs.set(name, nowMs);
    const forget = (): void => {
      this.#sinceMs.delete(name);
    };
    reading.then(forget, forget);
  }
}

/**
 * Whether a failure can pass. Data of an upstream that breaks its rules may be wrong, older data too. A caller that has
 * used its budget gets the error.
 */
function isTransient(error: unknown): boolean {
  if (error instanceof LawBroken || error instanceof BudgetExceeded) return false;
  return error instanceof GatewayError && error.retryable;
}

/** Whether the client has left. At the deadline of an operation, its client still waits. */
function isGivenUp({ signal }: ReadCall): boolean {
  const reason: unknown = signal.reason;
  return signal.aborted && !(reason instanceof GatewayError && reason.code === "UPSTREAM_TIMEOUT");
}

/** Waits for a reading, up to the limit or the end of the operation; null at the limit. */
function within<T>(
  reading: Promise<T>,
  call: ReadCall,
  limitMs: number,
): Promise<{ readonly kind: "read"; readonly value: T } | null> {
  return new Promise((resolve, reject) => {
    const limit = startLimit(call, limitMs);
    limit.whenOver(() => {
      const end = limit.end();
      if (end === null || end.by === "limit") resolve(null);
      else reject(end.error);
    });
    reading.finally(limit.stop).then(
      (value) => {
        resolve({ kind: "read", value });
      },
      (error: unknown) => {
        reject(asError(error));
      },
    );
  });
}
