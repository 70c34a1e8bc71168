import { GatewayError } from "../../errors.js";
import { type CallContext } from "../client.js";
import { type CredentialsResult } from "./sign-in.js";
import { createWaiters } from "./waiters.js";

/** Stops the use of refused credentials before the upstream locks them. */
export type LockoutGuard = {
  /**
   * Waits until the credentials may be sent once; the caller must call `leave` after that.
   * @throws GatewayError of the last refusal during a pause; the call's own error after its abort or deadline
   */
  readonly enter: (call: CallContext) => Promise<void>;
  /** Checks again, for a call that had to wait after `enter`. @throws GatewayError of the last refusal during a pause */
  readonly check: () => void;
  /** Forgets all refusals and ends the pause: the credentials are new. */
  readonly reset: () => void;
  /** Counts the result of one use. @param error the error of a refusal */
  readonly leave: (result: CredentialsResult, error: GatewayError | null) => void;
};

export type LockoutGuardOptions = {
  /** The number of refusals in a row that starts a pause. */
  readonly refusalsMax: number;
  /** Whether the number of concurrent uses is unlimited between an acceptance and the next refusal. */
  readonly isFreeOnceAccepted: boolean;
  readonly pauseMs: number;
  /** Called when a pause starts, and when the credentials are accepted after one. */
  readonly onPause: (isPaused: boolean) => void;
  /** A clock, in milliseconds. */
  readonly nowMs: () => number;
};

/**
 * Makes a guard. Until the credentials have been accepted once, and again after each refusal, it limits concurrent uses
 * to the number of refusals that are left before a pause. Without this limit, many concurrent uses could be refused
 * before the first result is known. Accepted credentials can become invalid, too: if that risk is too high, set
 * `isFreeOnceAccepted` to false, and the limit always applies. After a pause, one use at a time is a probe.
 */
export function createLockoutGuard({
  refusalsMax,
  isFreeOnceAccepted,
  pauseMs,
  onPause,
  nowMs,
}: LockoutGuardOptions): LockoutGuard {
  let isAccepted = false;
  let refusals = 0;
  let inUse = 0;
  let pause: { readonly untilMs: number; readonly error: GatewayError } | null = null;
  const waiters = createWaiters();

  const check = (): void => {
    if (pause === null || nowMs() >= pause.untilMs) return;
    const { code, message, details } = pause.error;
    throw new GatewayError(code, message, details);
  };

  return {
    check,
    reset() {
      isAccepted = false;
      refusals = 0;
      if (pause !== null) onPause(false);
      pause = null;
      waiters.wake();
    },
    async enter(call) {
      for (;;) {
        check();
        // After a pause the count stays at the limit; one use is allowed then, as a probe.
        if (isAccepted && isFreeOnceAccepted) break;
        if (inUse < refusalsMax - Math.min(refusals, refusalsMax - 1)) break;
        await waiters.wait(call);
      }
      inUse += 1;
    },
    leave(result, error) {
      inUse -= 1;
      if (result === "accepted") {
        isAccepted = true;
        refusals = 0;
        if (pause !== null) onPause(false);
        pause = null;
      } else if (result === "refused") {
        isAccepted = false;
        refusals += 1;
        if (refusals >= refusalsMax && error !== null) {
          if (pause === null) onPause(true);
          pause = { untilMs: nowMs() + pauseMs, error };
        }
      }
      waiters.wake();
    },
  };
}
