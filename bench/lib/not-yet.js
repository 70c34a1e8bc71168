/**
 * Rows that are known not to be reached yet, with the reason, by their ID in targets.js. They are printed as such
 * and do not fail a quick run. A row leaves this table in the change that reaches it.
 */
export const NOT_YET = {
  "i50-limit":
    "0.9 to 1: node:http sends the same bytes with nothing done for the request at 1.2, the rest is a request ID, the seal, a log line's clock and what is counted",
  apollo:
    "2.1 to 3.5: plans run there, too, but an empty query alone takes twice what it takes in AS-naive, for Fastify, deadlines, logs and metrics",
  "redis-only":
    "1 to 1.9, the more the longer it runs: a page that is new to the process is parsed, and its cursors and rows are written, for it alone",
  miss: "0.74 to 1.2 from run to run: JSON is written for the cache before the answer, and three signals end a call",
  gzip: "0.19: of the 2.2 KB that are left 0.9 are the cursors, whose checksums nothing compresses; without any cursor it were 0.13",
};
