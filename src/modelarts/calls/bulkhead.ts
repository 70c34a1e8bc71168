import { GatewayError } from "../../errors.js";
import { startLimit } from "./call-limit.js";
import { type CallContext } from "../client.js";
import { FairQueue, type Waiter } from "./fair-queue.js";

/** Limits the number of concurrent tries and the number of waiting calls. */
export type Bulkhead = {
  /**
   * Waits for a slot. Callers take turns, and so do the requests of one caller.
   * @returns a function that releases the slot; call it exactly once
   * @throws GatewayError UPSTREAM_UNAVAILABLE when the queue is full; the error of the abort or of the deadline
   */
  enter(call: CallContext): Promise<() => void>;
};

/**
 * Makes a bulkhead. When the queue is full, a new call replaces the newest call of the caller with the most waiting
 * calls, if the new call's own caller has fewer.
 * @param onLoad called with the numbers of taken slots and of waiting calls whenever one of them changes
 */
export function createBulkhead(
  slots: number,
  queueMax: number,
  onLoad: (inFlight: number, queued: number) => void = () => undefined,
): Bulkhead {
  let free = slots;
  const queue = new FairQueue();
  const refusals = new Map<Waiter, () => void>();
  const report = (): void => {
    onLoad(slots - free, queue.size);
  };

  const leave = (): void => {
    const next = queue.next();
    if (next === null) free += 1;
    else next.onTurn();
    report();
  };

  const waitForTurn = (call: CallContext): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const limit = startLimit(call, Infinity);
      const waiter: Waiter = {
        caller: callerOf(call),
        requestId: call.requestId,
        onTurn: () => {
          refusals.delete(waiter);
          limit.stop();
          resolve(leave);
        },
      };
      queue.add(waiter);
      refusals.set(waiter, () => {
        refusals.delete(waiter);
        queue.remove(waiter);
        limit.stop();
        reject(queueFull());
      });
      report();
      limit.whenOver(() => {
        refusals.delete(waiter);
        queue.remove(waiter);
        report();
        const end = limit.end();
        if (end !== null) reject(end.error);
      });
    });

  return {
    async enter(call) {
      if (free > 0) {
        free -= 1;
        report();
        return leave;
      }
      if (queue.size >= queueMax) {
        const surplus = queue.surplus(callerOf(call));
        if (surplus === null) throw queueFull();
        refusals.get(surplus)?.();
      }
      return waitForTurn(call);
    },
  };
}

function callerOf({ credentials }: CallContext): string {
  return credentials.kind === "token" ? credentials.token : (credentials.caller ?? "");
}

function queueFull(): GatewayError {
  return new GatewayError("UPSTREAM_UNAVAILABLE", "Too many calls to ModelArts are waiting for their turn.");
}
