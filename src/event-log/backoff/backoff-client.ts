import { GatewayError } from "../../errors.js";
import { startLimit } from "../../modelarts/calls/call-limit.js";
import {
  type CallContext,
  type EventsAnswer,
  type EventsRequest,
  type ModelArtsClient,
} from "../../modelarts/client.js";
import { type Pauses } from "./pauses.js";
import { isPausing, pauseError } from "./stored-pause.js";

export type BackoffOptions = {
  readonly client: Pick<ModelArtsClient, "listEvents">;
  readonly pauses: Pauses;
  /** The number of retries of a throttled call. */
  readonly retries: number;
  /** A clock, in milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** Sleeps, but not longer than the call's deadline; for tests. */
  readonly sleep?: (ms: number, call: CallContext) => Promise<void>;
};

/** The longest pause that a call waits for, in milliseconds. For longer pauses it fails with `retryAfterMs`. */
const WAIT_MAX_MS = 5_000;

/** The call that checks whether ModelArts still throttles a job. */
type Probe = { readonly ended: Promise<void>; readonly end: () => void };

/**
 * A client that does not repeat calls that the upstream has just refused:
 * - After a throttling answer, calls for the job wait for a pause that doubles each time. They fail with RATE_LIMITED
 * if the pause is long or ends after their deadline. After the pause, only one call at a time is made until one
 * succeeds.
 * - After a missing job or a refusal, calls fail with the same error for a second, without an upstream call.
 */
export function createBackoffClient(options: BackoffOptions): Pick<ModelArtsClient, "listEvents"> {
  const { client, pauses, retries, nowMs, sleep = sleepWithin } = options;
  const probes = new Map<string, Probe>();

  /**
   * Waits until a call may be made.
   * @returns a function to be called when the call has ended
   * @throws GatewayError of the pause, or of the call's deadline or abort
   */
  const admit = async (request: EventsRequest, call: CallContext): Promise<() => void> => {
    const job = pauses.keyOf(request, call, "RATE_LIMITED");
    for (;;) {
      const other = probes.get(job);
      if (other !== undefined) {
        await within(call, other.ended);
        continue;
      }
      const pause = await pauses.enter(request, call);
      if (pause === null) return () => undefined;
      if (pause === "probe") {
        const probe = createProbe();
        probes.set(job, probe);
        return () => {
          probes.delete(job);
          probe.end();
        };
      }
      // Another call of this process may have become the probe during the wait.
      if (probes.has(job)) continue;
      const { stored, leftMs } = pause;
      const sleepMs = pauses.sleepMs(pause);
      const isTooLong = leftMs > WAIT_MAX_MS || nowMs() + sleepMs >= call.deadlineMs();
      if (stored.code !== "RATE_LIMITED" || isTooLong) throw pauseError(stored, leftMs);
      await sleep(sleepMs, call);
    }
  };

  const tryOnce = async (request: EventsRequest, call: CallContext): Promise<EventsAnswer> => {
    const leave = await admit(request, call);
    const beganAtMs = nowMs();
    try {
      const answer = await client.listEvents(request, call);
      pauses.succeeded(request, call);
      return answer;
    } catch (error) {
      if (isPausing(error)) pauses.failed(request, call, error, beganAtMs);
      throw error;
    } finally {
      leave();
    }
  };

  return {
    async listEvents(request, call) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await tryOnce(request, call);
        } catch (error) {
          if (!isPausing(error) || error.code !== "RATE_LIMITED") throw error;
          const leftMs = (await pauses.find(request, call))?.leftMs ?? 0;
          const isTooLong = leftMs > WAIT_MAX_MS || nowMs() + leftMs >= call.deadlineMs();
          if (attempt > retries || isTooLong) throw withWait(error, leftMs);
        }
      }
    },
  };
}

/** The upstream's error with the time until the next possible call. */
function withWait({ code, message, details, cause }: GatewayError, leftMs: number): GatewayError {
  const retryAfterMs = Math.max(details.retryAfterMs ?? 0, Math.ceil(leftMs));
  return new GatewayError(code, message, { ...details, retryAfterMs }, { cause });
}

function createProbe(): Probe {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { ended, end };
}

function sleepWithin(ms: number, call: CallContext): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = startLimit(call, ms);
    limit.whenOver(() => {
      const end = limit.end();
      if (end === null || end.by === "limit") resolve();
      else reject(end.error);
    });
  });
}

/** Waits for a promise, but not longer than the call's deadline. */
function within(call: CallContext, ended: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = startLimit(call, Infinity);
    limit.whenOver(() => {
      const end = limit.end();
      if (end !== null) reject(end.error);
    });
    void ended.then(() => {
      limit.stop();
      resolve();
    });
  });
}
