import { LRUCache } from "lru-cache";
import { cacheKey, logPrefix, type LogScope } from "../cache/keys.js";
import { type CursorScope, cursorScope } from "../paging/cursor.js";
import { type EventFilter, logFiltersOf } from "../paging/filter.js";
import { type JobRef } from "../paging/job.js";
import { type Language } from "../training-job-event.js";
import { HEAD, type EventLogName } from "./event-log.js";

/** What the events of one job under one filter go by: in cursors, and each of their logs in cache and upstream. */
type NamedLogs = { readonly scope: CursorScope; readonly names: readonly EventLogName[] };

export type NameLogs = (job: JobRef, filter: EventFilter, language: Language) => NamedLogs;

/** Names of so many filters of jobs are kept: to hash and join them costs more than to read a page. */
const KEPT_MAX = 1_000;

/** Names the logs of one tenant. */
export function createLogNames(tenant: LogScope["tenant"]): NameLogs {
  const kept = new LRUCache<string, NamedLogs>({ max: KEPT_MAX });
  return (job, filter, language) => {
    // IDs have no slash in them.
    const key = `${job.projectId}/${job.jobId}/${language ?? "any"}/${JSON.stringify(filter)}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const names = logFiltersOf(filter).map((one): EventLogName => {
      const { projectId, jobId } = job;
      const { level, source, messageContains, time } = one;
      const text = JSON.stringify(one);
      const prefix = logPrefix({ projectId, jobId, tenant, filter: text, language: language ?? "any" });
      const request = { projectId, jobId, level, source, messageContains, time, language };
      return { prefix, headKey: cacheKey(prefix, HEAD), request };
    });
    const named = { scope: cursorScope(job, filter), names };
    kept.set(key, named);
    return named;
  };
}
