import { type Answer, jsonAnswer } from "./answer.js";
import { type JobRef, type JobStore } from "./job-store.js";
import { eventsPage } from "./page.js";
import { readParameters } from "./parameters.js";
import {
  badRequest,
  jobNotFound,
  methodNotAllowed,
  noSuchApi,
  notPermitted,
  projectMismatch,
  tokenRefused,
} from "./refusals.js";
import { type Switches } from "./switches.js";

/** What of a call decides its answer. */
export type ApiCall = {
  readonly method: string;
  /** The job that the path names; null for a path that is not the events API's. */
  readonly job: JobRef | null;
  readonly query: URLSearchParams;
  readonly token: string | undefined;
  readonly language: string | undefined;
  readonly requestId: string;
};

const EVENTS_PATH = /^\/v2\/([^/]+)\/training-jobs\/([^/]+)\/events$/;

/** The job whose events a path asks for, or null when the path is another one. */
export const jobOfPath = (path: string): JobRef | null => {
  const [, project, job] = EVENTS_PATH.exec(path) ?? [];
  if (project === undefined || job === undefined) return null;
  try {
    return { projectId: decodeURIComponent(project), jobId: decodeURIComponent(job) };
  } catch {
    return null;
  }
};

/** The answer to a caller who may not ask this, or null. */
const refuseCaller = (
  { token, requestId }: ApiCall,
  job: JobRef,
  tokens: Switches["tokens"],
): Answer | null => {
  if (!tokens) return null;
  const known = tokens.find((entry) => entry.token === token);
  if (!known) return tokenRefused(requestId);
  if (known.projects && !known.projects.includes(job.projectId)) return projectMismatch();
  if (known.jobs && !known.jobs.includes(job.jobId)) return notPermitted();
  return null;
};

/** What the service answers when nothing is wrong with it. */
export const answerCall = (call: ApiCall, jobs: JobStore, switches: Switches): Answer => {
  const { job } = call;
  if (!job) return noSuchApi(call.requestId);
  if (call.method !== "GET") return methodNotAllowed();
  const refused = refuseCaller(call, job, switches.tokens);
  if (refused) return refused;
  const query = readParameters(call.query);
  if (!query || (switches.rejectSource && query.source !== null)) return badRequest();
  const log = jobs.find(job);
  if (!log) return jobNotFound(job);
  return jsonAnswer(200, eventsPage(log, query, call.language?.toLowerCase() === "zh-cn", switches));
};
