const SINCE_DOOR = "slower than before in the last run; the cause is not known yet";

/**
 * Rows that are known not to be reached yet, with the reason, by their ID in targets.js. They are printed as such
 * and do not fail a quick run. A row leaves this table in the change that reaches it.
 */
export const NOT_YET = {
  apollo: SINCE_DOOR,
  "i10-naive": SINCE_DOOR,
  "redis-shared": SINCE_DOOR,
  "v10-mercurius": SINCE_DOOR,
  "i50-limit":
    "beside what node:http takes to send the same bytes there is a request ID, the seal, a log line's clock and what is counted",
  "redis-only": "the rows and cursors of a page that is new to the process are made for it alone",
  gzip: "the cursors' checksums cannot be compressed; AS-naive's page has cursors of two letters, and is measured below",
};
