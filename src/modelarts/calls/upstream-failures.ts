import { FailureWindow, isFailing, MINIMUM_CALLS } from "./failure-window.js";
import { isConnectionReason } from "./failure-reasons.js";
import { type TryOutcome } from "./try-outcome.js";

/** Failures that are not of the connection must be spread over this many jobs. */
const JOBS_MIN = 5;
/** No job counts for more than this when the gateway judges whether failures are spread. */
const CALLS_OF_ONE_JOB = MINIMUM_CALLS / JOBS_MIN;

/**
 * Decides whether failures are those of the whole upstream:
 * - half of at least 20 tries within 10 s failed because of the connection, or
 * - half of them failed in any way that is not an invalid answer, these failures are of at least 5 jobs, and half of
 *   the tries failed also when no job counts for more than 4 of them. So one job that fails often, and a few others
 *   that failed once, are not taken for a failing upstream.
 */
export class UpstreamFailures {
  readonly #connection: FailureWindow;
  readonly #all: FailureWindow;
  #areOfConnection = false;

  constructor(windowMs: number, nowMs: () => number) {
    this.#connection = new FailureWindow(windowMs, nowMs);
    this.#all = new FailureWindow(windowMs, nowMs);
  }

  /** Whether the failures judged last were of the connection. */
  get areOfConnection(): boolean {
    return this.#areOfConnection;
  }

  count(outcome: TryOutcome): void {
    this.#connection.count(isConnectionFailure(outcome));
    this.#all.count(countsForUpstream(outcome));
  }

  /** @param jobs the calls of each job within the same time */
  areOfUpstream(jobs: readonly FailureWindow[]): boolean {
    this.#areOfConnection = isFailing(this.#connection.counts);
    return this.#areOfConnection || (isFailing(this.#all.counts) && isSpread(jobs));
  }

  /**
   * Whether a probe shows that the upstream works. After connection failures any answer does; after failures of many
   * jobs an error of the upstream does not.
   */
  isRecovered(probe: TryOutcome): boolean {
    if (probe.kind === "abandoned") return false;
    if (!countsForUpstream(probe)) return true;
    return this.#areOfConnection && !isConnectionFailure(probe);
  }

  clear(): void {
    this.#connection.clear();
    this.#all.clear();
  }
}

/** Whether a try failed in a way that may be the whole upstream's: an invalid answer with status 200 is its job's. */
export function countsForUpstream(outcome: TryOutcome): boolean {
  if (outcome.kind !== "failed") return false;
  const { code, details } = outcome.error;
  return code !== "UPSTREAM_INVALID_RESPONSE" || details.modelArts?.httpStatus !== 200;
}

function isSpread(jobs: readonly FailureWindow[]): boolean {
  let failing = 0;
  let calls = 0;
  let failures = 0;
  for (const { counts } of jobs) {
    if (counts.failures > 0) failing += 1;
    calls += Math.min(CALLS_OF_ONE_JOB, counts.calls);
    failures += Math.min(CALLS_OF_ONE_JOB, counts.failures);
  }
  return failing >= JOBS_MIN && failures * 2 >= calls;
}

function isConnectionFailure(outcome: TryOutcome): boolean {
  return outcome.kind === "failed" && isConnectionReason(outcome.reason);
}
