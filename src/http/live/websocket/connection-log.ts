import { performance } from "node:perf_hooks";
import { type Logger } from "../../../observability/logger.js";
import { type LoggedCaller, callerFields, JOBS_SHOWN, NO_JOBS } from "../../request/request-log.js";

/** The log line of a WebSocket, which is written at its end. */
export class ConnectionLog {
  readonly #startedMs = performance.now();
  #logged: LoggedCaller = { caller: null, jobs: NO_JOBS };

  constructor(private readonly logger: Logger) {}

  /** Adds the caller and the jobs of an operation that has ended. Later operations on the same jobs add nothing. */
  add({ caller, jobs }: LoggedCaller): void {
    const seen = [...this.#logged.jobs];
    for (const job of jobs) {
      if (seen.length === JOBS_SHOWN) break;
      const isKnown = seen.some(({ projectId, jobId }) => projectId === job.projectId && jobId === job.jobId);
      if (!isKnown) seen.push(job);
    }
    this.#logged = { caller: caller ?? this.#logged.caller, jobs: seen };
  }

  write(requestId: string, closeCode: number): void {
    const durationMs = Math.round(performance.now() - this.#startedMs);
    const line = { requestId, method: "GET", route: "/graphql", status: 101, durationMs, closeCode };
    this.logger.info({ ...line, ...callerFields(this.#logged) }, "request");
  }
}
