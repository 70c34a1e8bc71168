import { FailureWindow, isFailing, MINIMUM_CALLS } from "./failure-window.js";
import { isConnectionReason } from "./failure-reasons.js";
import { type TryOutcome } from "./try-outcome.js";

/** Failures other than connection failures must occur for at least this many jobs. */
const JOBS_MIN = 5;
/** The maximum number of calls of one job that count when the gateway decides whether failures are spread. */
const CALLS_OF_ONE_JOB = MINIMUM_CALLS / JOBS_MIN;

/**
 * Decides whether the whole upstream is failing. Of at least 20 tries within 10 s,
 * - half failed because of the connection, or
 * - half failed in any way except an invalid answer with status 200, the failures are of at least 5 jobs, and half also
 *   failed if at most 4 tries of each job are counted. So one job that fails often, together with a few jobs that
 *   failed once, does not count as a failing upstream.
 */
export class UpstreamFailures {
  readonly #connection: FailureWindow;
  readonly #all: FailureWindow;
  #areOfConnection = false;

  constructor(windowMs: number, nowMs: () => number) {
    this.#connection = new FailureWindow(windowMs, nowMs);
    this.#all = new FailureWindow(windowMs, nowMs);
  }

  /** Whether the last call of `areOfUpstream` found connection failures. */
  get areOfConnection(): boolean {
    return this.#areOfConnection;
  }

  count(outcome: TryOutcome): void {
    this.#connection.count(isConnectionFailure(outcome));
    this.#all.count(countsForUpstream(outcome));
  }

  /** @param jobs the calls of each job within the same window */
  areOfUpstream(jobs: readonly FailureWindow[]): boolean {
    this.#areOfConnection = isFailing(this.#connection.counts);
    return this.#areOfConnection || (isFailing(this.#all.counts) && isSpread(jobs));
  }

  /**
   * Whether a probe shows that the upstream works. After connection failures any answer shows it; after failures of
   * many jobs a server error does not.
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

/** Whether the failure of a try may concern the whole upstream. An invalid answer with status 200 concerns one job. */
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
