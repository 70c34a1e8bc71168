import { GatewayError } from "../../errors.js";
import { type CallContext } from "../client.js";
import { type Verdict } from "./sign-in.js";
import { createWaiters } from "./waiters.js";

/** Keeps credentials that are refused from being shown until they are locked. */
export type LockoutGuard = {
  /**
   * Waits for leave to show them once; `leave` must be called after that.
   * @throws GatewayError of the last refusal while they are not to be shown; the call's own once it is over
   */
  readonly enter: (call: CallContext) => Promise<void>;
  /** @throws GatewayError as `enter`, for what has had to wait since then */
  readonly check: () => void;
  /** How they were taken; `error` is that of a refusal. */
  readonly leave: (verdict: Verdict, error: GatewayError | null) => void;
};

export type LockoutGuardOptions = {
  /** So many refusals in a row are too many. */
  readonly refusalsMax: number;
  /** Whether any number may be on their way at once after one was accepted, until the next refusal. */
  readonly isFreeOnceAccepted: boolean;
  readonly pauseMs: number;
  /** Is told when the credentials are no more shown, and when they were accepted after that. */
  readonly onPause: (isPaused: boolean) => void;
  /** A clock, in milliseconds. */
  readonly nowMs: () => number;
};

/**
 * Makes a guard. As long as the credentials were not accepted since they were refused last, or at all, no more of them
 * are on their way at once than may be refused: side by side, many would be before the first is known to have failed.
 * The same may happen to credentials that were good until now; those for which that costs too much are never free.
 * After the pause one at a time is a probe.
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
  let underWay = 0;
  let pause: { readonly untilMs: number; readonly error: GatewayError } | null = null;
  const room = createWaiters();

  const check = (): void => {
    if (pause === null || nowMs() >= pause.untilMs) return;
    const { code, message, details } = pause.error;
    throw new GatewayError(code, message, details);
  };

  return {
    check,
    async enter(call) {
      for (;;) {
        check();
        // After the pause the count is one short of too many.
        if (isAccepted && isFreeOnceAccepted) break;
        if (underWay < refusalsMax - Math.min(refusals, refusalsMax - 1)) break;
        await room.wait(call);
      }
      underWay += 1;
    },
    leave(verdict, error) {
      underWay -= 1;
      if (verdict === "accepted") {
        isAccepted = true;
        refusals = 0;
        if (pause !== null) onPause(false);
        pause = null;
      } else if (verdict === "refused") {
        isAccepted = false;
        refusals += 1;
        if (refusals >= refusalsMax && error !== null) {
          if (pause === null) onPause(true);
          pause = { untilMs: nowMs() + pauseMs, error };
        }
      }
      room.wake();
    },
  };
}
