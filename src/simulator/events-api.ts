import { type Answer, jsonAnswer } from "./answer.js";
import { type CallerFacts } from "./access/callers.js";
import { type JobRef } from "./jobs/job-store.js";
import { eventsPage } from "./page.js";
import { readParameters } from "./parameters.js";
import { badRequest, jobNotFound, methodNotAllowed, noSuchApi, offsetRefused } from "./refusals.js";
import { type Simulation } from "./jobs/simulation.js";

/** The parts of a call that decide its answer. */
export type ApiCall = CallerFacts & {
  readonly method: string;
  /** The job of the path; null for a path outside of the events API. */
  readonly job: JobRef | null;
  readonly query: URLSearchParams;
  readonly language: string | undefined;
};

const EVENTS_PATH = /^\/v2\/([^/]+)\/training-jobs\/([^/]+)\/events$/;

/** Parses the job of an events path; null for another path. */
export const jobOfPath = (path: string): JobRef | null => {
  const [, project, job] = EVENTS_PATH.exec(path) ?? [];
  if (project === undefined || job === undefined) return null;
  try {
    return { projectId: decodeURIComponent(project), jobId: decodeURIComponent(job) };
  } catch {
    return null;
  }
};

/** The answer of the service without faults. */
export const answerCall = (call: ApiCall, { jobs, callers, switches }: Simulation): Answer => {
  const { job } = call;
  if (!job) return noSuchApi(call.requestId);
  if (call.method !== "GET") return methodNotAllowed();
  const refused = callers.refuse(call, job, switches);
  if (refused) return refused;
  const query = readParameters(call.query);
  if (!query || (switches.rejectSource && query.source !== null)) return badRequest();
  const log = jobs.find(job);
  if (!log) return jobNotFound(job);
  const page = eventsPage(log, query, call.language?.toLowerCase() === "zh-cn", switches);
  return page === null ? offsetRefused() : jsonAnswer(200, page);
};
