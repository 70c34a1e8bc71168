import { type NewsListener } from "../cache/news.js";
import { type CacheKey, type Tenancy } from "../cache/keys.js";
import { type EventFilter } from "../paging/filter.js";
import { type JobRef } from "../paging/job.js";
import { type Language } from "../training-job-event.js";
import { type NameLogs } from "./log-names.js";

/**
 * Calls back when any operation or process has read new events of these logs, with the moment of that reading.
 * @returns a function that stops the watch
 */
export type WatchLogs = (
  job: JobRef,
  filter: EventFilter,
  language: Language,
  onNews: NewsListener,
) => () => void;

/**
 * @param tenancy after a change of it, the same logs are watched under their new names
 * @param news reports new entries of the cache
 */
export function createLogWatch(
  nameLogs: NameLogs,
  tenancy: Pick<Tenancy, "onChange">,
  news: { readonly watch: (key: CacheKey, onNews: NewsListener) => () => void },
): WatchLogs {
  return (job, filter, language, onNews) => {
    const begin = (): (() => void)[] =>
      nameLogs(job, filter, language).names.map(({ headKey }) => news.watch(headKey, onNews));
    let ends = begin();
    const end = (): void => {
      for (const endOne of ends) endOne();
    };
    const stopRenewal = tenancy.onChange(() => {
      end();
      ends = begin();
    });
    return () => {
      stopRenewal();
      end();
    };
  };
}
