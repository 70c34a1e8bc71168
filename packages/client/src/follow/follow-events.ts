import { adviceFor, backOffMs } from "../errors/advice.js";
import { FOLLOW_EVENTS } from "../generated/follow-text.js";
import { FollowError } from "./follow-error.js";
import { type FollowedBatch, type FollowOptions } from "./follow-options.js";
import { type LiveResult } from "./live-client.js";
import { openStream } from "./open-stream.js";
import { pause } from "./pause.js";
import { isEnd } from "./result-queue.js";

/**
 * Follows a log as it grows. Each event comes exactly once, oldest first. After a lost connection the subscription
 * resumes by cursor. Events that arrive with an older time come in `lateEdges`. `missed` is the known number of late
 * events that are not sent: those that are not among the newest 100, and those that arrived while the stream was
 * interrupted or while it read the log. Only a reload shows them. To stop, leave the loop or abort the signal.
 * @throws FollowError for an error for which a retry cannot help, such as TRAINING_JOB_NOT_FOUND
 */
export function followEvents(options: FollowOptions): AsyncIterableIterator<FollowedBatch> {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  if (options.signal?.aborted === true) abort();
  options.signal?.addEventListener("abort", abort, { once: true });
  const batches = follow(options, controller.signal);
  return {
    next: () => batches.next(),
    return: async () => {
      // While a generator waits for a batch, `return` takes effect only after that batch.
      abort();
      options.signal?.removeEventListener("abort", abort);
      await batches.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* follow(
  options: FollowOptions,
  signal: AbortSignal,
): AsyncGenerator<FollowedBatch, void, undefined> {
  const { client, query = FOLLOW_EVENTS, silenceMs = 45_000, onState } = options;
  const variables: Record<string, unknown> = { ...options.variables };
  let attempt = 0;
  let hasNewToken = false;
  let hasGap = false;
  while (!signal.aborted) {
    onState?.({ state: "connecting" });
    const stream = openStream(client, query, variables, silenceMs, signal);
    let failure: unknown = null;
    try {
      for (;;) {
        const taken = await stream.take();
        if (isAborted(signal)) return;
        if (isEnd(taken)) {
          if (taken.kind === "failed") failure = taken.failure;
          if (taken.kind === "full") attempt = -1;
          break;
        }
        const batch = batchIn(taken);
        if (batch === null) {
          failure = taken.errors ?? null;
          break;
        }
        attempt = 0;
        hasNewToken = false;
        const { caughtUp, isStale, asOf } = batch;
        onState?.({ state: "following", caughtUp, isStale, asOf });
        yield { ...batch, hasGap };
        hasGap = false;
      }
    } finally {
      stream.close();
    }
    attempt += 1;
    const advice = adviceFor(failure, attempt);
    if (advice.action === "sign-in" && options.renewToken !== undefined && !hasNewToken) {
      onState?.({ state: "signing-in" });
      hasNewToken = true;
      await options.renewToken();
      client.terminate?.();
      continue;
    }
    if (advice.action === "resume") {
      Object.assign(variables, { after: advice.cursor, last: 0 });
      hasGap = true;
    } else if (advice.action !== "retry") {
      throw new FollowError(advice, failure);
    }
    // The reader was slow; nothing has failed.
    if (attempt === 0) continue;
    const ownMs = backOffMs(attempt - 1, options.firstWaitMs ?? 500, options.longestWaitMs ?? 30_000);
    const retryInMs = Math.max(ownMs, advice.error?.retryAfterMs ?? 0);
    onState?.({ state: "waiting", retryInMs, failure });
    await pause(retryInMs, signal);
  }
}

type Batch = Omit<FollowedBatch, "hasGap">;
/** Fields that the caller's own query may omit. */
type Optional = "lateEdges" | "missed" | "isStale" | "asOf";
type SelectedBatch = Omit<Batch, Optional> & Partial<Pick<Batch, Optional>>;

/** The batch of a result. A result with errors has none. */
function batchIn({ data, errors }: LiveResult): Batch | null {
  if (errors !== undefined && errors.length > 0) return null;
  const batch = (data as { trainingJobEvents?: SelectedBatch } | null | undefined)?.trainingJobEvents;
  return batch ? { lateEdges: [], missed: 0, isStale: false, asOf: null, ...batch } : null;
}

/** A function, because TypeScript assumes that `signal.aborted` does not change during an await. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
