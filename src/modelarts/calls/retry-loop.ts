import { setTimeout as sleepFor } from "node:timers/promises";
import { givenUp } from "./call-limit.js";
import { type CallContext } from "../client.js";
import { retryWaitMs } from "./retry.js";
import { type FailedTry } from "./try-outcome.js";

/** The number of tries of a call, and hooks for tests. */
export type RetryOptions = {
  /** Tries after the first. */
  readonly retries: number;
  /** 0 to 1; for tests. */
  readonly random?: () => number;
  /** Waits before a retry; for tests. Rejects when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
};

/**
 * Repeats a try until it has an answer, while another try may help and the deadline leaves time.
 * @param makeTry receives the number of the try; 1 for the first
 * @throws GatewayError of the last try
 */
export async function retryLoop<Answered extends { readonly kind: "answered" }>(
  makeTry: (attempt: number) => Promise<Answered | FailedTry>,
  call: Pick<CallContext, "signal" | "deadlineMs">,
  { retries, random = Math.random, sleep = sleepUntilAborted }: RetryOptions,
): Promise<Answered> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await makeTry(attempt);
    if (outcome.kind === "answered") return outcome;
    const { error } = outcome;
    if (!outcome.retry || attempt > retries) throw error;
    const waitMs = retryWaitMs({
      attempt,
      retryAfterMs: error.details.retryAfterMs,
      nowMs: Date.now(),
      deadlineMs: call.deadlineMs(),
      random: random(),
    });
    if (waitMs === null) throw error;
    await sleep(waitMs, call.signal);
  }
}

async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleepFor(ms, undefined, { signal });
  } catch {
    throw givenUp(signal);
  }
}
