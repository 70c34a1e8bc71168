import { documentedExample } from "./documented-example.js";
import { type SimulatedEvent, toSecond } from "./event.js";
import { EventLog, type Growth } from "./event-log.js";
import { GENERATED_START_MS, generateEvent, generateEvents } from "./generator.js";
import { incidentJob } from "./incident-job.js";
import { type JobStore } from "./job-store.js";
import { chineseJob, failedJob, oddValuesJob, oneSecondJob } from "./special-jobs.js";

/** The running job: one event per half second, a minute's worth when the simulator starts, and an end. */
const RUNNING_EVERY_MS = 500;
const RUNNING_BEFORE_MS = 60_000;
const RUNNING_MAX_EVENTS = 20_000;

const runningSince =
  (startMs: number): Growth =>
  (index) => {
    if (index >= RUNNING_MAX_EVENTS) return null;
    const dueMs = startMs + index * RUNNING_EVERY_MS;
    const timeMs = toSecond(dueMs);
    if (index < RUNNING_MAX_EVENTS - 1) return { dueMs, event: generateEvent(1, index, timeMs) };
    return { dueMs, event: { timeMs, level: "Info", source: "Job", message: "Training job completed." } };
  };

const EVENTS_OF = {
  "documented-example": documentedExample,
  empty: () => [],
  "events-1": () => generateEvents(1),
  "events-100": () => generateEvents(100),
  "events-101": () => generateEvents(101),
  "events-1000": () => generateEvents(1_000),
  "events-100000": () => generateEvents(100_000, { startMs: GENERATED_START_MS - 7 * 86_400_000 }),
  "one-second": oneSecondJob,
  failed: failedJob,
  incident: incidentJob,
  chinese: chineseJob,
  "odd-values": oddValuesJob,
} satisfies Record<string, () => SimulatedEvent[]>;

/** Puts the seed jobs into the default project; docs/simulator.md lists them. `startMs`: when the demo begins. */
export const createSeedJobs = (jobs: JobStore, startMs: number): void => {
  for (const [jobId, events] of Object.entries(EVENTS_OF))
    jobs.createLazily(jobId, () => new EventLog(events()));
  const growth = runningSince(startMs - RUNNING_BEFORE_MS);
  jobs.createLazily("running", () => new EventLog([], growth));
};
