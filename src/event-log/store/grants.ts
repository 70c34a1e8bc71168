import { type BlockStore } from "../../cache/block-store.js";
import { isFreshEntry } from "../../cache/entry.js";
import { SingleFlight } from "../../common/single-flight.js";
import { type Caller } from "../../cache/keys.js";
import { GatewayError, type GatewayErrorCode } from "../../errors.js";
import { type ModelArtsClient } from "../../modelarts/client.js";
import { callOf, type EventLog, type ReadCall } from "../event-log.js";
import { isMoment } from "./stored-segment.js";

/** The upstream's last decision about a caller. The caller may not use parts that were read before `floorMs`. */
type Decision = { readonly isGranted: boolean; readonly isFresh: boolean; readonly floorMs: number };

/** The lifetime of a grant, in milliseconds. */
const GRANT_MS = 30_000;
/** The age from which an answer to the caller renews its grant, in milliseconds. */
const GRANT_RENEWED_MS = 5_000;
/** The upstream's errors for callers that may not read a job. */
const REFUSALS: ReadonlySet<GatewayErrorCode> = new Set<GatewayErrorCode>([
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "TRAINING_JOB_NOT_FOUND",
]);

/**
 * Decides who may read the cached parts of a job. A token gets a short-lived grant when the upstream lets it read the
 * job. Every answer to this token renews the grant. If all needed parts are cached, one small call gets a grant. If the
 * gateway uses its own credentials, all its callers may read the cache. A refusal removes the grant.
 */
export class Grants {
  readonly #asking: SingleFlight<unknown>;
  readonly #refused = new WeakMap<GatewayError, Caller>();

  /** @param keptMs how long stale parts may be used after their lifetime, in milliseconds */
  constructor(
    private readonly store: BlockStore,
    private readonly client: Pick<ModelArtsClient, "listEvents">,
    private readonly keptMs: number,
    private readonly nowMs: () => number,
  ) {
    this.#asking = new SingleFlight(nowMs);
  }

  /** The earliest moment of readings that this caller may use. */
  floorMs(log: EventLog): number {
    return this.#decision(log)?.floorMs ?? 0;
  }

  /** Whether the caller has a valid grant. */
  isGranted(log: EventLog): boolean {
    if (log.credentials.kind === "none") return true;
    const decision = this.#decision(log);
    return decision !== null && decision.isGranted && decision.isFresh;
  }

  /**
   * Whether the upstream's last answer to the caller was positive, even if the grant has expired. Used while the
   * upstream fails.
   */
  wasGranted(log: EventLog): boolean {
    return log.credentials.kind === "none" || (this.#decision(log)?.isGranted ?? false);
  }

  /**
   * Ensures that the caller has a grant, with a small call if necessary.
   * @throws GatewayError the upstream's error for the caller
   */
  async ensure(log: EventLog, call: ReadCall): Promise<void> {
    if (this.isGranted(log)) return;
    await this.store.getMany([log.grantKey]);
    if (this.isGranted(log)) return;
    call.countUpstreamCall();
    const waiter = { signal: call.signal, deadlineMs: call.deadlineMs() };
    await this.#asking.join(log.grantKey, 0, waiter, (flight) => {
      const { requestId, trace = null, signal, deadlineMs } = callOf(flight, call);
      const { request, credentials, tenant } = log;
      const context = { requestId, trace, signal, deadlineMs, credentials, tenant };
      return this.observe(log, () => this.client.listEvents({ ...request, offset: 0, limit: 1 }, context));
    });
  }

  /** Reads from the upstream with the caller's credentials, and stores a grant or a refusal. */
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

  /** Whether an error is a refusal of another caller, which does not concern this one. */
  isOthersRefusal(error: unknown, log: EventLog): boolean {
    const caller = error instanceof GatewayError ? this.#refused.get(error) : undefined;
    return caller !== undefined && caller !== log.caller;
  }

  #grant(log: EventLog, beganAtMs: number): void {
    if (log.credentials.kind === "none") return;
    const entry = this.store.peek(log.grantKey);
    const decision = this.#decision(log);
    const isLate = entry === null || beganAtMs - entry.readAtMs >= GRANT_RENEWED_MS;
    if (isLate || decision?.isGranted !== true) this.#put(log, beganAtMs, true, decision?.floorMs ?? 0);
  }

  #put(log: EventLog, readAtMs: number, isGranted: boolean, floorMs: number): void {
    const nowMs = this.nowMs();
    this.store.set(log.grantKey, {
      readAtMs,
      freshMs: GRANT_MS,
      keptUntilMs: nowMs + this.keptMs + GRANT_MS,
      receivedAtMs: nowMs,
      value: Buffer.from(JSON.stringify([isGranted ? 1 : 0, floorMs])),
    });
  }

  #decision(log: EventLog): Decision | null {
    const entry = this.store.peek(log.grantKey);
    const stored = entry === null ? null : parseStored(entry.value);
    if (entry === null || !Array.isArray(stored) || stored.length !== 2) return null;
    const [granted, floorMs] = stored as unknown[];
    if (!isMoment(floorMs)) return null;
    return { isGranted: granted === 1, isFresh: isFreshEntry(entry, this.nowMs()), floorMs };
  }
}

/** Parses JSON of any form; null if it is invalid. */
function parseStored(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}
