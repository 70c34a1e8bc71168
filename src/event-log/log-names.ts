import { LRUCache } from "lru-cache";
import { cacheKey, logPrefix, type Tenancy } from "../cache/keys.js";
import { type CursorScope, cursorScope } from "../paging/cursor.js";
import { type EventFilter, logFiltersOf } from "../paging/filter.js";
import { type JobRef } from "../paging/job.js";
import { type Language } from "../training-job-event.js";
import { HEAD, type EventLogName } from "./event-log.js";

/** The names of a job's events under one filter: in cursors, and for each of their logs in the cache and upstream. */
type NamedLogs = { readonly scope: CursorScope; readonly names: readonly EventLogName[] };

export type NameLogs = (job: JobRef, filter: EventFilter, language: Language) => NamedLogs;

/** The number of kept names. Making a name by hashing takes longer than reading a page. */
const KEPT_MAX = 1_000;

/** Names the logs of the current tenant. */
export function createLogNames(tenancy: Pick<Tenancy, "tenant">): NameLogs {
  const kept = new LRUCache<string, NamedLogs>({ max: KEPT_MAX });
  let keptTenant = tenancy.tenant;
  return (job, filter, language) => {
    const { tenant } = tenancy;
    if (tenant !== keptTenant) {
      kept.clear();
      keptTenant = tenant;
    }
    // IDs contain no slash.
    const key = `${job.projectId}/${job.jobId}/${language ?? "any"}/${JSON.stringify(filter)}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const names = logFiltersOf(filter).map((one): EventLogName => {
      const { projectId, jobId } = job;
      const { level, source, messageContains, time } = one;
      const text = JSON.stringify(one);
      const prefix = logPrefix({ projectId, jobId, tenant, filter: text, language: language ?? "any" });
      const request = { projectId, jobId, level, source, messageContains, time, language };
      return { tenant, prefix, headKey: cacheKey(prefix, HEAD), request };
    });
    const named = { scope: cursorScope(job, filter), names };
    kept.set(key, named);
    return named;
  };
}
