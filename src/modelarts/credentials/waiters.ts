import { GatewayError } from "../../errors.js";
import { startLimit } from "../calls/call-limit.js";
import { type CallContext } from "../client.js";

/** So many may wait at once; the next one is refused. */
const PLACES = 1_000;

/** Where calls wait for something to change. */
export type Waiters = {
  /**
   * Waits until all are woken.
   * @throws GatewayError the abort's or the deadline's; UPSTREAM_UNAVAILABLE where the room is full
   */
  readonly wait: (call: CallContext) => Promise<void>;
  /** Wakes all who wait. */
  readonly wake: () => void;
};

/** Makes an empty room. */
export function createWaiters(): Waiters {
  const waiting = new Set<() => void>();
  return {
    async wait(call) {
      if (waiting.size >= PLACES) {
        throw new GatewayError(
          "UPSTREAM_UNAVAILABLE",
          "Too many calls wait for the gateway to sign in to ModelArts.",
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
