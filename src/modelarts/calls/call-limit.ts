import { GatewayError } from "../../errors.js";
import { type CallContext } from "../client.js";
import { NO_ANSWER, upstreamError } from "../upstream-error.js";

/** What ended a wait: the caller left, its deadline passed, or the wait's own limit was reached. */
type LimitEnd = {
  readonly by: "caller" | "deadline" | "limit";
  readonly error: GatewayError;
};

/** One bounded wait; `stop` must be called once it is done. */
export type CallLimit = {
  /** Why the wait is over; null as long as it may go on. */
  readonly end: () => LimitEnd | null;
  /** Names the one who is to be told when it is over: at once if it is, never once it was stopped. */
  readonly whenOver: (listener: () => void) => void;
  readonly stop: () => void;
};

/** Node's timers take no more and fire at once instead. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Bounds a wait by the call's signal, its deadline (read again when the timer fires, as it may have moved) and
 * `limitMs` from now. No AbortSignal: each call would pay for one that only one listener hears.
 */
export function startLimit(call: CallContext, limitMs: number): CallLimit {
  // Not by the wall clock, which may be set; the deadline has no other.
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
 * The error of a call that nobody waits for: the reason of the abort where that is a GatewayError, so that whoever
 * aborts chooses what late waiters see; else UPSTREAM_UNAVAILABLE, since nothing is known of the upstream and the
 * same call may succeed later. It is not a time-out: no time has run out.
 */
export function givenUp(signal: AbortSignal): GatewayError {
  const reason: unknown = signal.reason;
  if (reason instanceof GatewayError) return reason;
  return new GatewayError(
    "UPSTREAM_UNAVAILABLE",
    "The call to ModelArts was given up: nobody waited for its answer any more.",
    {},
    { cause: reason },
  );
}

function noAnswerInTime(): GatewayError {
  return upstreamError("UPSTREAM_TIMEOUT", { modelArts: NO_ANSWER });
}
