import { LRUCache } from "lru-cache";
import { Circuit, type CircuitState } from "../../common/circuit.js";
import { GatewayError } from "../../errors.js";
import { publish } from "../channels.js";
import { FailureWindow, isFailing } from "./failure-window.js";
import { type TryOutcome } from "./try-outcome.js";
import { countsForUpstream, UpstreamFailures } from "./upstream-failures.js";

const WINDOW_MS = 10_000;
const PROBE_EVERY_MS = 2_000;
/** The maximum number of jobs whose calls are counted; beyond it the breaker forgets the least recently called job. */
const JOBS_MAX = 1_000;

/** The job and the request of a try. */
export type BreakerCall = { readonly projectId: string; readonly jobId: string; readonly requestId: string };

/** Rejects calls to an upstream, or for one of its jobs, while they fail. */
export type Breaker = {
  /**
   * Checks whether a try may be made now.
   * @throws GatewayError UPSTREAM_UNAVAILABLE with `retryAfterMs` while a circuit is open
   */
  check(call: BreakerCall): void;
  /** Makes a try and counts its outcome. Throws as `check` does. */
  run(call: BreakerCall, attempt: () => Promise<TryOutcome>): Promise<TryOutcome>;
};

type Job = {
  readonly projectId: string;
  readonly jobId: string;
  readonly circuit: Circuit;
  readonly all: FailureWindow;
  /** Counts only failures that may concern the whole upstream. */
  readonly forUpstream: FailureWindow;
};

/**
 * Makes a breaker with one circuit for each job and one for the whole upstream. A job's circuit opens when half of at
 * least 20 of its tries within 10 s failed. {@link UpstreamFailures} decides when the circuit of the upstream opens.
 * @param nowMs a monotonic clock, in milliseconds
 */
export function createBreaker(nowMs: () => number = () => performance.now()): Breaker {
  const upstream = new Circuit(PROBE_EVERY_MS, nowMs);
  const failures = new UpstreamFailures(WINDOW_MS, nowMs);
  let lastProber: string | null = null;
  const jobs = new LRUCache<string, Job>({
    max: JOBS_MAX,
    dispose: (job) => {
      if (job.circuit.isOpen) report(job, "closed", job.circuit.state, null);
    },
  });

  const newJob = ({ projectId, jobId }: BreakerCall): Job => ({
    projectId,
    jobId,
    circuit: new Circuit(PROBE_EVERY_MS, nowMs),
    all: new FailureWindow(WINDOW_MS, nowMs),
    forUpstream: new FailureWindow(WINDOW_MS, nowMs),
  });

  const check = (call: BreakerCall): void => {
    const key = keyOf(call);
    const ofJob = jobs.get(key)?.circuit.waitMs ?? 0;
    // The next probe of the upstream should be of another job, because the last one may be the only job that fails.
    const lastProberDelayMs = upstream.isOpen && key === lastProber ? PROBE_EVERY_MS : 0;
    const ofUpstream = Math.max(0, upstream.waitMs + lastProberDelayMs);
    const retryAfterMs = Math.ceil(Math.max(ofUpstream, ofJob));
    if (retryAfterMs === 0) return;
    const message =
      ofUpstream > 0
        ? "ModelArts is failing; the circuit breaker is open. Retry after `retryAfterMs`."
        : "ModelArts is failing for this job; its circuit breaker is open. Retry after `retryAfterMs`.";
    throw new GatewayError("UPSTREAM_UNAVAILABLE", message, { retryAfterMs });
  };

  const endJobProbe = ({ circuit, all, forUpstream }: Job, outcome: TryOutcome | null): void => {
    const works = outcome?.kind === "answered" || outcome?.kind === "refused";
    if (works) {
      all.clear();
      forUpstream.clear();
    }
    circuit.probed(works);
  };

  const endUpstreamProbe = (key: string, outcome: TryOutcome | null): void => {
    const works = outcome !== null && failures.isRecovered(outcome);
    if (works) failures.clear();
    upstream.probed(works);
    lastProber = works || failures.areOfConnection ? null : key;
  };

  /** Counts a try, and opens the circuits that reached their threshold. */
  const count = (job: Job, outcome: TryOutcome, requestId: string): void => {
    if (outcome.kind === "abandoned") return;
    const failed = outcome.kind === "failed";
    job.all.count(failed);
    job.forUpstream.count(countsForUpstream(outcome));
    failures.count(outcome);
    if (!failed) return;
    if (isFailing(job.all.counts) && job.circuit.open()) report(job, "open", "closed", requestId);
    if (upstream.isOpen) return;
    const windows = Array.from(jobs.values(), ({ forUpstream }) => forUpstream);
    if (failures.areOfUpstream(windows) && upstream.open()) report(null, "open", "closed", requestId);
  };

  return {
    check,
    async run(call, attempt) {
      check(call);
      const { requestId } = call;
      const key = keyOf(call);
      const known = jobs.get(key);
      const probes = { upstream: upstream.takeProbe(), job: known?.circuit.takeProbe() ?? false };
      if (probes.upstream) report(null, "half-open", "open", requestId);
      if (probes.job && known) report(known, "half-open", "open", requestId);
      let outcome: TryOutcome | null = null;
      try {
        outcome = await attempt();
        return outcome;
      } finally {
        const end = outcome;
        const job = known ?? jobs.get(key) ?? newJob(call);
        // Do not remember a job that was refused, for example because it does not exist: callers may name any number.
        if (end?.kind === "answered" || end?.kind === "failed") jobs.set(key, job);
        if (probes.job) endJobProbe(job, end);
        if (probes.upstream) endUpstreamProbe(key, end);
        if (end !== null) count(job, end, requestId);
        if (probes.job) report(job, job.circuit.state, "half-open", requestId);
        if (probes.upstream) report(null, upstream.state, "half-open", requestId);
      }
    },
  };
}

/** @param job the job whose circuit changed; null for that of the upstream */
function report(
  job: Pick<Job, "projectId" | "jobId"> | null,
  state: CircuitState,
  previous: CircuitState,
  requestId: string | null,
): void {
  const { projectId = null, jobId = null } = job ?? {};
  const scope = job === null ? "upstream" : "job";
  publish("gateway:modelarts:breaker", { scope, state, previous, projectId, jobId, requestId });
}

function keyOf({ projectId, jobId }: BreakerCall): string {
  return `${projectId}/${jobId}`;
}
