import { GatewayError } from "../../errors.js";
import { type CallContext } from "../client.js";
import { NO_ANSWER, upstreamError } from "../upstream-error.js";

/** The reason why a wait ended: the caller left, its deadline passed, or the wait reached its own limit. */
type LimitEnd = {
  readonly by: "caller" | "deadline" | "limit";
  readonly error: GatewayError;
};

/** One bounded wait; `stop` must be called once it is done. */
export type CallLimit = {
  /** The reason why the wait ended; null while it may continue. */
  readonly end: () => LimitEnd | null;
  /** Sets the only listener for the end of the wait. It is called at once if the wait has ended, never after `stop`. */
  readonly whenOver: (listener: () => void) => void;
  readonly stop: () => void;
};

/** The longest delay of Node's timers; a timer with a longer delay fires at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Limits a wait by the call's signal, its deadline (read again when the timer fires, because it may change) and
 * `limitMs` from now. It does not use an AbortSignal, which costs more and would have only one listener.
 */
export function startLimit(call: Pick<CallContext, "signal" | "deadlineMs">, limitMs: number): CallLimit {
  // A monotonic clock, because the wall clock may be set. Only the deadline is in wall-clock time.
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let ended: LimitEnd | null = null;
  let listener: (() => void) | null = null;

  const finish = (end: LimitEnd): void => {
    stop();
    ended = end;
    listener?.();
  };
  const onAbort = (): void => {
    finish({ by: "caller", error: givenUp(call.signal) });
  };
  const arm = (): void => {
    const toDeadlineMs = call.deadlineMs() - Date.now();
    const toLimitMs = startedAt + limitMs - performance.now();
    if (toDeadlineMs <= 0) finish({ by: "deadline", error: noAnswerInTime() });
    else if (toLimitMs <= 0) finish({ by: "limit", error: noAnswerInTime() });
    else timer = setTimeout(arm, Math.min(toDeadlineMs, toLimitMs, TIMER_MAX_MS));
  };
  const stop = (): void => {
    clearTimeout(timer);
    call.signal.removeEventListener("abort", onAbort);
  };

  if (call.signal.aborted) onAbort();
  else {
    call.signal.addEventListener("abort", onAbort);
    arm();
  }
  const whenOver = (notify: () => void): void => {
    if (ended === null) listener = notify;
    else notify();
  };
  return { end: () => ended, whenOver, stop };
}

/**
 * The error of a cancelled call. If the reason of the abort is a GatewayError, late waiters see that error. Otherwise it
 * is UPSTREAM_UNAVAILABLE, because the same call may succeed later; no time limit was exceeded, so it is not a time-out.
 */
export function givenUp(signal: AbortSignal): GatewayError {
  const reason: unknown = signal.reason;
  if (reason instanceof GatewayError) return reason;
  return new GatewayError(
    "UPSTREAM_UNAVAILABLE",
    "The call to ModelArts was cancelled because no caller waited for its answer any more.",
    {},
    { cause: reason },
  );
}

function noAnswerInTime(): GatewayError {
  return upstreamError("UPSTREAM_TIMEOUT", { modelArts: NO_ANSWER });
}
