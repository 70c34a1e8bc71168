/** The bounds of the back-off: a random wait of up to 100 ms before the second try, twice that before the next … */
const BACKOFF_BASE_MS = 100;
const BACKOFF_MAX_MS = 5_000;

/** A longer `Retry-After` counts as a day; nobody waits for it anyway. */
const RETRY_AFTER_MAX_MS = 86_400_000;

/** A retry to decide on. Times in milliseconds; `nowMs` and `deadlineMs` since the epoch. */
export type RetryQuestion = {
  /** The number of the try that failed; 1 for the first. */
  readonly attempt: number;
  readonly retryAfterMs: number | undefined;
  readonly nowMs: number;
  readonly deadlineMs: number;
  /** 0 to 1, evenly. */
  readonly random: number;
};

/**
 * How long to wait before the next try: full jitter over an exponential bound, on top of what the upstream asked for,
 * so that those who were told the same wait do not come back together.
 * @returns milliseconds, or null where the wait would reach the deadline
 */
export function retryWaitMs(question: RetryQuestion): number | null {
  const bound = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (question.attempt - 1));
  const waitMs = (question.retryAfterMs ?? 0) + Math.floor(question.random * bound);
  return question.nowMs + waitMs < question.deadlineMs ? waitMs : null;
}

/**
 * Reads `Retry-After`: seconds, or a date as HTTP writes it. ModelArts documents none; gateways before it may send it.
 * @returns milliseconds from now (0 for a date gone by), or undefined where there is none that can be read
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
