import { type BlockStore } from "../../cache/block-store.js";
import { type CacheKey, pauseKey, type Tenancy } from "../../cache/keys.js";
import { type GatewayError } from "../../errors.js";
import { type CallContext, type EventsRequest } from "../../modelarts/client.js";
import { type PausingCode, packPause, type StoredPause, storedError, unpackPause } from "./stored-pause.js";

/** The pause after a missing job or a refused caller, in milliseconds. */
const REFUSAL_PAUSE_MS = 1_000;
/** The pause after the first throttling answer, in milliseconds. Each further one doubles it. */
const THROTTLE_FIRST_MS = 1_000;
const THROTTLE_MAX_MS = 30_000;
/** The random part of a sleep is a quarter of the pause, or of this time if that is shorter, in milliseconds. */
const SPREAD_MAX_MS = 4_000;
/** The longest pause for a `Retry-After`, in milliseconds. */
const RETRY_AFTER_MAX_MS = 300_000;
/** The number of throttling answers in a row is remembered for this long after the pause, in milliseconds. */
const REMEMBERED_MS = 60_000;

/** While one process probes a throttled job, the others wait for this time, in milliseconds. */
const PROBE_MS = 1_000;

/** A pause in the calls for a job, and the time until it is over, in milliseconds. */
export type Pause = { readonly stored: StoredPause; readonly leftMs: number };

/**
 * The pauses in the calls for each job, shared by all processes that share the store: throttling and a missing job
 * pause all callers of a job, a refusal pauses the refused caller.
 */
export class Pauses {
  /** @param nowMs a clock, in milliseconds since the epoch */
  constructor(
    private readonly store: BlockStore,
    private readonly tenancy: Tenancy,
    private readonly nowMs: () => number,
    private readonly random: () => number = Math.random,
  ) {}

  /**
   * The pause for a call for a job. When a throttling pause has ended, one caller gets `probe` and makes a call. For
   * all others a short pause begins, until the probe shows whether the upstream still throttles.
   */
  async enter(request: EventsRequest, call: CallContext): Promise<Pause | "probe" | null> {
    const keys = this.#keysOf(request, call);
    await this.store.getMany(keys);
    // No `await` here, so that only the first of several calls gets the probe.
    const pause = this.#first(keys);
    if (pause !== null) return pause;
    const known = this.#peek(keys[0])?.stored;
    if (known === undefined || known.throttled === 0) return null;
    this.#put(keys[0], { ...known, pauseMs: PROBE_MS, isProbing: true });
    return "probe";
  }

  /** The current pause; null if there is none. */
  async find(request: EventsRequest, call: CallContext): Promise<Pause | null> {
    const keys = this.#keysOf(request, call);
    await this.store.getMany(keys);
    return this.#first(keys);
  }

  /**
   * Starts the pause that belongs to a failure. Several calls that were in flight at the same time start only one
   * pause. A failure of credentials that have been replaced starts none for the new ones.
   * @param beganAtMs when the failed call was sent
   */
  failed(
    request: EventsRequest,
    call: CallContext,
    error: GatewayError & { readonly code: PausingCode },
    beganAtMs: number,
  ): void {
    if (call.tenant !== undefined && call.tenant !== this.tenancy.tenant) return;
    const key = this.keyOf(request, call, error.code);
    const entry = this.store.peek(key);
    const known = this.#peek(key)?.stored ?? null;
    const isThrottled = error.code === "RATE_LIMITED";
    const inARow = known?.throttled ?? 0;
    const isSamePause =
      isThrottled && inARow > 0 && known?.isProbing === false && (entry?.readAtMs ?? 0) >= beganAtMs;
    const throttled = isThrottled ? inARow + (isSamePause ? 0 : 1) : 0;
    const askedMs = Math.min(error.details.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS);
    const grownMs = isSamePause ? 0 : this.#grown(throttled);
    const pauseMs = isThrottled ? Math.max(askedMs, grownMs) : REFUSAL_PAUSE_MS;
    if (isSamePause && pauseMs <= (this.#peek(key)?.leftMs ?? 0)) return;
    this.#put(key, { ...storedError(error), throttled, pauseMs, isProbing: false });
  }

  /** Resets the number of throttling answers after a successful call. */
  succeeded(request: EventsRequest, call: CallContext): void {
    const key = this.keyOf(request, call, "RATE_LIMITED");
    const known = this.#peek(key)?.stored;
    if (known !== undefined && known.throttled > 0)
      this.#put(key, { ...known, throttled: 0, pauseMs: 0, isProbing: false });
  }

  /** The key of the pauses of a code: for a refusal that of the caller and job, otherwise that of the job. */
  keyOf({ projectId, jobId }: EventsRequest, { credentials }: CallContext, code: PausingCode): CacheKey {
    const isCallers = code === "UNAUTHENTICATED" || code === "FORBIDDEN";
    const token = credentials.kind === "token" ? credentials.token : null;
    const caller = isCallers ? this.tenancy.callerOf(token) : null;
    return pauseKey({ tenant: this.tenancy.tenant, projectId, jobId }, caller);
  }

  /**
   * How long a call sleeps until a pause ends. A part of it is random, so that one of several processes calls first,
   * and the others see the pause that its answer may start.
   */
  sleepMs({ stored, leftMs }: Pause): number {
    return Math.ceil(leftMs + (this.random() * Math.min(stored.pauseMs, SPREAD_MAX_MS)) / 4);
  }

  #keysOf(request: EventsRequest, call: CallContext): readonly [CacheKey, CacheKey] {
    return [this.keyOf(request, call, "RATE_LIMITED"), this.keyOf(request, call, "FORBIDDEN")];
  }

  #first(keys: readonly CacheKey[]): Pause | null {
    return keys.map((key) => this.#peek(key)).find((pause) => (pause?.leftMs ?? 0) > 0) ?? null;
  }

  #grown(throttled: number): number {
    return Math.min(THROTTLE_MAX_MS, THROTTLE_FIRST_MS * 2 ** (throttled - 1));
  }

  #peek(key: CacheKey): Pause | null {
    const entry = this.store.peek(key);
    const stored = entry === null ? null : unpackPause(entry.value);
    if (entry === null || stored === null) return null;
    // The clock of another process may be fast.
    const leftMs = Math.min(stored.pauseMs, entry.readAtMs + stored.pauseMs - this.nowMs());
    return { stored, leftMs: Math.max(0, leftMs) };
  }

  #put(key: CacheKey, stored: StoredPause): void {
    const nowMs = this.nowMs();
    const { pauseMs } = stored;
    this.store.set(key, {
      readAtMs: nowMs,
      freshMs: Math.ceil(pauseMs),
      keptUntilMs: nowMs + pauseMs + (stored.throttled > 0 ? REMEMBERED_MS : 0),
      receivedAtMs: nowMs,
      value: packPause(stored),
    });
  }
}
