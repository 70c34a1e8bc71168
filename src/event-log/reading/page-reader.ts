import { type LogReader } from "./log-reader.js";

/** The reader of one log for a page: rows of one state of the log by their ordinals. */
export type PageReader = Pick<
  LogReader,
  | "log"
  | "reads"
  | "isFirstHand"
  | "asOfMs"
  | "isStale"
  | "newestTail"
  | "readAnew"
  | "totalCount"
  | "total"
  | "newest"
  | "newestEnd"
  | "rows"
  | "rowsWithReach"
>;
