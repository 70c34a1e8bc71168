import { GatewayError } from "../../errors.js";
import { startLimit } from "../calls/call-limit.js";
import { type CallContext } from "../client.js";

/** The maximum number of calls that wait at once; the next one is refused. */
const WAITERS_MAX = 1_000;

/** Lets calls wait until the state of the sign-in changes. */
export type Waiters = {
  /**
   * Waits for the next `wake`.
   * @throws GatewayError of the abort or the deadline; UPSTREAM_UNAVAILABLE if too many calls wait
   */
  readonly wait: (call: CallContext) => Promise<void>;
  /** Resumes all waiting calls. */
  readonly wake: () => void;
};

/** Makes an empty set of waiters. */
export function createWaiters(): Waiters {
  const waiting = new Set<() => void>();
  return {
    async wait(call) {
      if (waiting.size >= WAITERS_MAX) {
        throw new GatewayError(
          "UPSTREAM_UNAVAILABLE",
          "Too many calls are waiting for the gateway to sign in to ModelArts.",
        );
      }
      const limit = startLimit(call, Infinity);
      await new Promise<void>((resolve, reject) => {
        const onWake = (): void => {
          limit.stop();
          resolve();
        };
        waiting.add(onWake);
        limit.whenOver(() => {
          waiting.delete(onWake);
          const end = limit.end();
          if (end !== null) reject(end.error);
        });
      });
    },
    wake() {
      const woken = [...waiting];
      waiting.clear();
      for (const onWake of woken) onWake();
    },
  };
}
