/**
 * Rows that are known not to be reached yet, with the reason, by their ID in targets.js. They are printed as such
 * and do not fail a quick run. A row leaves this table in the change that reaches it.
 */
export const NOT_YET = {
  "i50-limit":
    "0.9 to 1: node:http sends the same bytes with nothing done for the request at 1.2, the rest is a request ID, the seal, a log line's clock and what is counted",
  apollo:
    "3.1 to 3.5: plans run there, too, but of what is left Apollo Server's own pipeline, Fastify and the objects that both keep alive for long are three quarters",
  "redis-only":
    "about 2: a page that is new to the process is parsed, and its cursors and rows are written, for it alone",
  miss: "0.95 to 1.05: JSON is written twice, for memory and Redis, and three signals end a call; CPU per miss is one and a half times AS-naive's",
  rss: "130 to 210 without flags for V8, 25 of them in use; those of docs/operations.md bring 106 to 117 for CPU",
  gzip: "0.19: of the 2.2 KB that are left 0.9 are the cursors, whose checksums nothing compresses; without any cursor it were 0.13",
  aliases:
    "the newest 100 of a log never seen: its total, those 100, and the one before them, which tells the oldest cursor's mark",
};
