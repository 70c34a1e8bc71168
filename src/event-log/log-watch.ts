import { type NewsListener } from "../cache/news.js";
import { type CacheKey } from "../cache/keys.js";
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

/** @param news reports new entries of the cache */
export function createLogWatch(
  nameLogs: NameLogs,
  news: { readonly watch: (key: CacheKey, onNews: NewsListener) => () => void },
): WatchLogs {
  return (job, filter, language, onNews) => {
    const { names } = nameLogs(job, filter, language);
    const ends = names.map(({ headKey }) => news.watch(headKey, onNews));
    return () => {
      for (const end of ends) end();
    };
  };
}
