/** The limits of the random wait: up to 100 ms before the second try, twice as long before each further try. */
const BACKOFF_BASE_MS = 100;
const BACKOFF_MAX_MS = 5_000;

/** A longer `Retry-After` counts as one day. */
const RETRY_AFTER_MAX_MS = 86_400_000;

/** The inputs of the decision about a retry. Times in milliseconds; `nowMs` and `deadlineMs` since the epoch. */
export type RetryQuestion = {
  /** The number of the try that failed; 1 for the first. */
  readonly attempt: number;
  readonly retryAfterMs: number | undefined;
  readonly nowMs: number;
  readonly deadlineMs: number;
  /** 0 to 1, uniformly distributed. */
  readonly random: number;
};

/**
 * Computes the wait before the next try: the upstream's `Retry-After` plus full jitter over an exponential bound. The
 * jitter spreads the retries of callers that got the same `Retry-After`.
 * @returns milliseconds, or null if the wait would reach the deadline
 */
export function retryWaitMs(question: RetryQuestion): number | null {
  const bound = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (question.attempt - 1));
  const waitMs = (question.retryAfterMs ?? 0) + Math.floor(question.random * bound);
  return question.nowMs + waitMs < question.deadlineMs ? waitMs : null;
}

/**
 * Reads `Retry-After`: seconds, or an HTTP date. ModelArts does not document it, but gateways before it may send it.
 * @returns milliseconds from now (0 for a past date), or undefined if the header is absent or malformed
 */
export function parseRetryAfter(
  header: string | readonly string[] | undefined,
  nowMs: number,
): number | undefined {
  const value = (typeof header === "string" ? header : header?.[0])?.trim() ?? "";
  const waitMs = /^\d+$/.test(value)
    ? Number(value) * 1000
    : / GMT$/.test(value)
      ? Date.parse(value) - nowMs
      : NaN;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), RETRY_AFTER_MAX_MS);
}
