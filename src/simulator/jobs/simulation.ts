import { Callers } from "../access/callers.js";
import { CallLog } from "../call-log.js";
import { FaultQueue } from "../faults.js";
import { Iam } from "../access/iam.js";
import { JobStore } from "./job-store.js";
import { createSeedJobs } from "./seed-jobs.js";
import { DEFAULT_SWITCHES, type Switches } from "../admin/switches.js";

/** The state of the simulator, for tests of the same process and for the admin path. */
export type Simulation = {
  readonly jobs: JobStore;
  readonly faults: FaultQueue;
  readonly calls: CallLog;
  readonly iam: Iam;
  readonly callers: Callers;
  /** Read for each call. */
  readonly switches: Switches;
  /** Changes some switches; undefined keeps a value. */
  set(changes: SwitchChanges): void;
  /** Resets the state: only the seed jobs, no faults, calls or tokens, the initial switches. */
  reset(): void;
};

type SwitchChanges = { readonly [Name in keyof Switches]?: Switches[Name] | undefined };

/** A simulation with its seed jobs. `nowMs` is its clock, `initial` its switches at the start. */
export const createSimulation = (nowMs: () => number, initial: Partial<Switches>): Simulation => {
  const jobs = new JobStore(nowMs);
  const faults = new FaultQueue();
  const calls = new CallLog();
  const iam = new Iam(nowMs);
  const callers = new Callers(iam, nowMs);
  const switches: Switches = { ...DEFAULT_SWITCHES, ...initial };
  createSeedJobs(jobs, nowMs());
  return {
    jobs,
    faults,
    calls,
    iam,
    callers,
    switches,
    set(changes) {
      const given = Object.entries(changes).filter(([, value]) => value !== undefined);
      Object.assign(switches, Object.fromEntries(given));
    },
    reset() {
      jobs.clear();
      createSeedJobs(jobs, nowMs());
      faults.clear();
      calls.reset();
      iam.reset();
      callers.reset();
      Object.assign(switches, DEFAULT_SWITCHES, initial);
    },
  };
};
