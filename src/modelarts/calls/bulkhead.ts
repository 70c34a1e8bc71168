import { GatewayError } from "../../errors.js";
import { startLimit } from "./call-limit.js";
import { type CallContext } from "../client.js";

/** Bounds how many tries run at once and how many wait for their turn. */
export type Bulkhead = {
  /**
   * Waits for a slot, first come first served.
   * @returns gives the slot back; call it exactly once
   * @throws GatewayError UPSTREAM_UNAVAILABLE when the queue is full; the abort's or the deadline's error
   */
  enter(call: CallContext): Promise<() => void>;
};

/**
 * Makes a bulkhead. cockatiel's keeps a waiter whose signal has aborted in the queue until its turn comes, and lets a
 * newcomer overtake the first in the queue.
 */
export function createBulkhead(slots: number, queueMax: number): Bulkhead {
  let free = slots;
  // A Set keeps the order of arrival, and lets go of a waiter in its middle without a search.
  const queue = new Set<() => void>();

  const leave = (): void => {
    const next = queue.values().next();
    if (next.done === true) {
      free += 1;
      return;
    }
    queue.delete(next.value);
    next.value();
  };

  const waitForTurn = (call: CallContext): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const limit = startLimit(call, Infinity);
      const onTurn = (): void => {
        limit.stop();
        resolve(leave);
      };
      const onEnd = (): void => {
        queue.delete(onTurn);
        const end = limit.end();
        if (end !== null) reject(end.error);
      };
      queue.add(onTurn);
      limit.whenOver(onEnd);
    });

  return {
    async enter(call) {
      if (free > 0) {
        free -= 1;
        return leave;
      }
      if (queue.size >= queueMax) {
        throw new GatewayError(
          "UPSTREAM_UNAVAILABLE",
          "Too many calls to ModelArts are waiting for their turn.",
        );
      }
      return waitForTurn(call);
    },
  };
}
