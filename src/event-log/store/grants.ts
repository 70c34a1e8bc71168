import { type BlockStore } from "../../cache/block-store.js";
import { isFreshEntry } from "../../cache/entry.js";
import { SingleFlight } from "../../common/single-flight.js";
import { type Caller } from "../../cache/keys.js";
import { GatewayError, type GatewayErrorCode } from "../../errors.js";
import { type ModelArtsClient } from "../../modelarts/client.js";
import { callOf, type EventLog, type ReadCall } from "../event-log.js";
import { isMoment } from "./stored-segment.js";

/** What the upstream last said; nothing that was read before `floorMs` is the caller's any more. */
type Verdict = { readonly isGranted: boolean; readonly isFresh: boolean; readonly floorMs: number };

/** For how long a token that was let read a job may see what others have read of it, in milliseconds. */
const GRANT_MS = 30_000;
/** By that time a grant in use is written anew, in milliseconds. */
const GRANT_RENEWED_MS = 5_000;
/** What the upstream says to those who may see nothing of a job. */
const REFUSALS: ReadonlySet<GatewayErrorCode> = new Set<GatewayErrorCode>([
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "TRAINING_JOB_NOT_FOUND",
]);

/**
 * Who may see what is cached of a job. A token may once the upstream has let it read that job, for a short time:
 * every answer to the token itself says so again, and where others have read all that is wanted, one small call asks.
 * What the gateway reads for itself is for all whom it serves. A refusal takes everything back.
 */
export class Grants {
  readonly #asking: SingleFlight<unknown>;
  readonly #refused = new WeakMap<GatewayError, Caller>();

  /** @param keptMs how long after its lifetime anything may still be shown, in milliseconds */
  constructor(
    private readonly store: BlockStore,
    private readonly client: Pick<ModelArtsClient, "listEvents">,
    private readonly keptMs: number,
    private readonly nowMs: () => number,
  ) {
    this.#asking = new SingleFlight(nowMs);
  }

  /** The earliest moment at which what this caller may see was read. */
  floorMs(log: EventLog): number {
    return this.#verdict(log)?.floorMs ?? 0;
  }

  /** Whether the caller may see now what others have read. */
  isGranted(log: EventLog): boolean {
    if (log.credentials.kind === "none") return true;
    const verdict = this.#verdict(log);
    return verdict !== null && verdict.isGranted && verdict.isFresh;
  }

  /** Whether the caller might, when it was last told; for as long as the upstream says nothing. */
  wasGranted(log: EventLog): boolean {
    return log.credentials.kind === "none" || (this.#verdict(log)?.isGranted ?? false);
  }

  /**
   * Makes sure that the caller may see what others have read.
   * @throws GatewayError what the upstream says to the caller
   */
  async ensure(log: EventLog, call: ReadCall): Promise<void> {
    if (this.isGranted(log)) return;
    await this.store.getMany([log.accessKey]);
    if (this.isGranted(log)) return;
    call.countUpstreamCall();
    const waiter = { signal: call.signal, deadlineMs: call.deadlineMs() };
    await this.#asking.join(log.accessKey, 0, waiter, (flight) => {
      const { requestId, trace = null, signal, deadlineMs } = callOf(flight, call);
      const { request, credentials } = log;
      const context = { requestId, trace, signal, deadlineMs, credentials };
      return this.observe(log, () => this.client.listEvents({ ...request, offset: 0, limit: 1 }, context));
    });
  }

  /** Reads from the upstream with the caller's own credentials, and notes what that says of them. */
  async observe<T>(log: EventLog, read: () => Promise<T>): Promise<T> {
    const beganAtMs = this.nowMs();
    try {
      const value = await read();
      this.#grant(log, beganAtMs);
      return value;
    } catch (error) {
      if (error instanceof GatewayError && REFUSALS.has(error.code)) {
        this.#refused.set(error, log.caller);
        this.#put(log, beganAtMs, false, this.nowMs());
      }
      throw error;
    }
  }

  /** Whether an error is a refusal of another caller, and says nothing to this one. */
  isOthersRefusal(error: unknown, log: EventLog): boolean {
    const caller = error instanceof GatewayError ? this.#refused.get(error) : undefined;
    return caller !== undefined && caller !== log.caller;
  }

  #grant(log: EventLog, beganAtMs: number): void {
    if (log.credentials.kind === "none") return;
    const entry = this.store.peek(log.accessKey);
    const verdict = this.#verdict(log);
    const isLate = entry === null || beganAtMs - entry.readAtMs >= GRANT_RENEWED_MS;
    if (isLate || verdict?.isGranted !== true) this.#put(log, beganAtMs, true, verdict?.floorMs ?? 0);
  }

  #put(log: EventLog, readAtMs: number, isGranted: boolean, floorMs: number): void {
    const nowMs = this.nowMs();
    this.store.set(log.accessKey, {
      readAtMs,
      freshMs: GRANT_MS,
      keptUntilMs: nowMs + this.keptMs + GRANT_MS,
      heldSinceMs: nowMs,
      value: Buffer.from(JSON.stringify([isGranted ? 1 : 0, floorMs])),
    });
  }

  #verdict(log: EventLog): Verdict | null {
    const entry = this.store.peek(log.accessKey);
    const stored = entry === null ? null : parseStored(entry.value);
    if (entry === null || !Array.isArray(stored) || stored.length !== 2) return null;
    const [granted, floorMs] = stored as unknown[];
    if (!isMoment(floorMs)) return null;
    return { isGranted: granted === 1, isFresh: isFreshEntry(entry, this.nowMs()), floorMs };
  }
}

/** Parses JSON that may be anything; null where it is none. */
function parseStored(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}
