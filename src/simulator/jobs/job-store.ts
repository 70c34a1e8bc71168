import { type EventInput, type SimulatedEvent, toEvent } from "./event.js";
import { EventLog } from "./event-log.js";

/** The project of the seed jobs, and the default of tests. */
const DEFAULT_PROJECT = "demo-project";

/** Makes the log of a job at its first use, so that big seed jobs cost nothing until then. */
export type LogSource = () => EventLog;

/** A job and its project; job IDs are unique only within a project. */
export type JobRef = { readonly projectId: string; readonly jobId: string };

const keyOf = (projectId: string, jobId: string): string => `${projectId}/${jobId}`;

const byTime = (a: SimulatedEvent, b: SimulatedEvent): number => a.timeMs - b.timeMs;

/** All jobs of the simulated service. The methods for tests throw when the job does not exist. */
export class JobStore {
  readonly #logs = new Map<string, EventLog | LogSource>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Adds a job whose log is made at its first use. */
  createLazily(jobId: string, source: LogSource, projectId = DEFAULT_PROJECT): void {
    this.#logs.set(keyOf(projectId, jobId), source);
  }

  /** Creates the job, or replaces it, with these events in order of time. */
  create(jobId: string, events: readonly EventInput[] = [], projectId = DEFAULT_PROJECT): void {
    const rows = events.map((event) => toEvent(event, this.#nowMs())).sort(byTime);
    this.#logs.set(keyOf(projectId, jobId), new EventLog(rows));
  }

  /**
   * Writes events one after the other. An event without a time goes to the end. An event with an older time is late and
   * goes after all events of its second or before.
   */
  add(jobId: string, events: readonly EventInput[], projectId = DEFAULT_PROJECT): void {
    const log = this.#existing(jobId, projectId);
    for (const event of events) log.add(toEvent(event, Math.max(this.#nowMs(), log.newestMs ?? 0)));
  }

  /** Removes the `count` oldest events of the job, as a service with bounded retention does. */
  trim(jobId: string, count: number, projectId = DEFAULT_PROJECT): void {
    this.#existing(jobId, projectId).trim(count);
  }

  /** Deletes the job; false if it does not exist. */
  delete(jobId: string, projectId = DEFAULT_PROJECT): boolean {
    return this.#logs.delete(keyOf(projectId, jobId));
  }

  /** The current events of the job, oldest first, for comparison in tests. */
  rows(jobId: string, projectId = DEFAULT_PROJECT): readonly SimulatedEvent[] {
    return [...this.#existing(jobId, projectId).rows];
  }

  /** The log of the job up to now; null if the job does not exist. */
  find({ projectId, jobId }: JobRef): EventLog | null {
    const key = keyOf(projectId, jobId);
    const entry = this.#logs.get(key);
    if (!entry) return null;
    const log = typeof entry === "function" ? entry() : entry;
    if (log !== entry) this.#logs.set(key, log);
    log.growUntil(this.#nowMs());
    return log;
  }

  /** All jobs. */
  list(): JobRef[] {
    return [...this.#logs.keys()].map((key) => {
      const slash = key.indexOf("/");
      return { projectId: key.slice(0, slash), jobId: key.slice(slash + 1) };
    });
  }

  /** Deletes all jobs. */
  clear(): void {
    this.#logs.clear();
  }

  #existing(jobId: string, projectId: string): EventLog {
    const log = this.find({ projectId, jobId });
    if (!log) throw new Error(`The simulator has no job ${jobId} in project ${projectId}.`);
    return log;
  }
}
