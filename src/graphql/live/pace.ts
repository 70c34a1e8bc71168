import { GatewayError } from "../../errors.js";

/** A clock in milliseconds since the epoch, and a way to wait. */
export type Clock = {
  readonly nowMs: () => number;
  /** @throws if the signal is or becomes aborted */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** How often streams read, and how long they retry while the upstream fails. */
export type StreamPace = {
  /** The lifetime of a head, in milliseconds. An earlier reading shows nothing new. */
  readonly headTtlMs: number;
  /** The longest pause between two readings of a log without new events, in milliseconds. */
  readonly quietIntervalMs: number;
  /** How long reads are retried after retryable errors, in milliseconds. */
  readonly retryForMs: number;
};

/** The interval without results after which a heartbeat is sent, in milliseconds. */
export const HEARTBEAT_MS = 15_000;
/** The shortest pause between two readings of a log, even if the lifetime of a head is shorter, in milliseconds. */
const POLL_MIN_MS = 500;
/**
 * Added to each pause, in milliseconds: at the end of its lifetime the old head is still used, and timers can be early.
 */
const EXPIRED_MS = 10;
/** A log is read again after this part of the time since its last new events. */
const QUIET_PART = 0.1;
/** The first and the longest pause between two tries while the upstream fails, in milliseconds. */
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 30_000;

/**
 * How long to wait until the log can show something new.
 * @param freshForMs how long the last page stays fresh; null if it is stale
 * @param quietMs how long the log has had no new events
 */
export function untilNewsMs(pace: StreamPace, freshForMs: number | null, quietMs: number): number {
  const { headTtlMs, quietIntervalMs } = pace;
  const lifeMs = Math.min(freshForMs ?? headTtlMs, headTtlMs) + EXPIRED_MS;
  return Math.max(POLL_MIN_MS, lifeMs, Math.min(quietIntervalMs, quietMs * QUIET_PART));
}

/**
 * Reads, and retries with growing pauses after retryable errors.
 * @param onRetry called before each pause
 * @throws GatewayError that is not retryable, or that is still there after the time limit; the signal's reason
 */
export async function readWithRetries<T>(
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
      if (clock.nowMs() + waitMs > sinceMs + pace.retryForMs) throw error;
      onRetry();
      await clock.wait(waitMs, signal);
    }
  }
}
