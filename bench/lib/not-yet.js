/**
 * Rows that are known not to be reached yet, with the reason, by their ID in targets.js. They are printed as such
 * and do not fail a quick run. A row leaves this table in the change that reaches it.
 */
export const NOT_YET = {
  "i50-limit":
    "0.9 to 1: node:http sends the same bytes with nothing done for the request at 1.2, the rest is a request ID, the seal, a log line's clock and what is counted",
  "redis-only":
    "1.7 to 2.8, the more the longer it runs: the rows and cursors of a page that is new to the process are made for it alone",
  gzip: "0.19: of the 2.1 KB that are left 0.9 are the cursors, whose checksums nothing compresses; without any cursor it were 0.14, which is what AS-naive's page with cursors of two letters comes to",
};
