import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "@jest/globals";
import { VirtualGateway } from "../../support/virtual-gateway.js";
import { VirtualJob } from "../../support/virtual-job.js";

const CACHE_MAX_BYTES = 2 * 1024 * 1024;
/** What V8 keeps of compiled code and warmed caches; the whole log, kept, would be twice as much as both. */
const SLACK_BYTES = 6 * 1024 * 1024;
const EVENTS = 100_000;

/** Bytes in use after a full collection. */
function bytesInUse(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test("a walk over 100,000 events does not grow the memory beyond the cache's bound", async () => {
  const job = VirtualJob.ofLength(EVENTS);
  const gateway = new VirtualGateway(job.upstream, "row", { cacheMaxBytes: CACHE_MAX_BYTES });
  let after: string | null = null;
  let seen = 0;
  const walk = async (events: number): Promise<void> => {
    for (const end = seen + events; seen < end;) {
      const page = await gateway.read({ order: "OLDEST_FIRST", first: 100, after });
      seen += page.edges.length;
      after = page.pageInfo.endCursor;
      // The virtual upstream notes its calls, which is no matter of the gateway's.
      job.upstream.takeCalls();
    }
  };
  await walk(EVENTS / 10);
  const before = bytesInUse();
  await walk((EVENTS / 10) * 9);
  expect(seen).toBe(EVENTS);
  expect(bytesInUse() - before).toBeLessThan(CACHE_MAX_BYTES + SLACK_BYTES);
});
