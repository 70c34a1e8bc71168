/**
 * Rows that are known not to be reached yet, with the reason, by their ID in targets.js. They are printed as such
 * and do not fail a quick run. A row leaves this table in the change that reaches it.
 */
export const NOT_YET = {
  "v50-naive": "a plan still costs a third more than it may: reading the page by its layers is a third of it",
  "v50-mercurius": "the same",
  "v50-hive": "the same",
  "v10-naive": "the same; of ten rows little is saved by writing them fast",
  "v10-mercurius": "the same",
  "v10-hive": "the same",
  "i50-limit":
    "0.9 to 0.95: node:http sends the same bytes with nothing done for the request at 1.2, the rest is a request ID, the seal, a log line's clock and what is counted",
  apollo: "Apollo Server runs graphql-js; no compiled executor was put into it",
  "redis-known": "what is in Redis is looked up by the key's whole value; no version check yet",
  "redis-only": "the block is parsed as a whole before it is sliced",
  polling:
    "a head in demand is renewed at four fifths of its lifetime, so that nobody waits: 10 s take 7 or 8",
  miss: "two looks into the cache, a lock and a flight before the call; not worked on yet",
  memory: "the share of decoded parts, 8 MB by default, is in it",
  "memory-zh": "the same",
  rss: "130 to 210 without flags for V8, 25 of them in use; those of docs/operations.md bring 106 to 117 for CPU",
  gzip: "0.19: of the 2.2 KB that are left 0.9 are the cursors, whose checksums nothing compresses; without any cursor it were 0.13",
  aliases:
    "the run of newest rows leaves room for rows written meanwhile, so the newest 100 of a log never seen take a third call",
};
