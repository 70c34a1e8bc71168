import { GatewayError } from "../../errors.js";

/** A clock in milliseconds since the epoch, and a way to let time pass. */
export type Clock = {
  readonly nowMs: () => number;
  /** @throws when the signal is aborted, or was */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** How often streams read, and how long they wait for an upstream that fails. */
export type StreamPace = {
  /** The lifetime of a head, in milliseconds: nothing new can be seen sooner. */
  readonly headTtlMs: number;
  /** The longest pause between two readings of a log without news, in milliseconds. */
  readonly quietIntervalMs: number;
  /** How long retryable errors are retried, in milliseconds. */
  readonly patienceMs: number;
};

/** An empty batch is sent after a silence of this length, in milliseconds. */
export const HEARTBEAT_MS = 15_000;
/** No log is read more often, however short the lifetime of a head, in milliseconds. */
const POLL_MIN_MS = 500;
/** A head that is read just as it expires would still be the old one; timers may also be early. In milliseconds. */
const EXPIRED_MS = 10;
/** A log is read again after this part of the time for which it has had no news. */
const QUIET_PART = 0.1;
/** The first pause between two tries while the upstream fails, and the longest one, in milliseconds. */
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 30_000;

/**
 * How long to wait until the log can show something new.
 * @param freshForMs for how long the last page is the newest that can be had; null where it is stale
 * @param quietMs for how long the log has had no news
 */
export function untilNewsMs(pace: StreamPace, freshForMs: number | null, quietMs: number): number {
  const { headTtlMs, quietIntervalMs } = pace;
  const lifeMs = Math.min(freshForMs ?? headTtlMs, headTtlMs) + EXPIRED_MS;
  return Math.max(POLL_MIN_MS, lifeMs, Math.min(quietIntervalMs, quietMs * QUIET_PART));
}

/**
 * Reads, and repeats that with growing pauses while it fails by a retryable error.
 * @param onRetry is called before each pause
 * @throws GatewayError that is not retryable, or has lasted too long; the signal's reason
 */
export async function withPatience<T>(
  read: () => Promise<T>,
  { clock, pace }: { readonly clock: Clock; readonly pace: StreamPace },
  signal: AbortSignal,
  onRetry: () => void,
): Promise<T> {
  const sinceMs = clock.nowMs();
  for (let pauseMs = RETRY_MIN_MS; ; pauseMs = Math.min(2 * pauseMs, RETRY_MAX_MS)) {
    try {
      return await read();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof GatewayError) || !error.retryable) throw error;
      const waitMs = Math.max(pauseMs, error.details.retryAfterMs ?? 0);
      if (clock.nowMs() + waitMs > sinceMs + pace.patienceMs) throw error;
      onRetry();
      await clock.wait(waitMs, signal);
    }
  }
}
