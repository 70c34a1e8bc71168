import { expect, test } from "@jest/globals";
import { collectGarbage } from "../../support/force-gc.js";
import { VirtualGateway } from "../../support/virtual/virtual-gateway.js";
import { VirtualJob } from "../../support/virtual/virtual-job.js";

const CACHE_MAX_BYTES = 2 * 1024 * 1024;
/** Memory that V8 uses for code and tables at times. If all segments were kept, they would take twice as much. */
const SLACK_BYTES = 9 * 1024 * 1024;
const EVENTS = 100_000;

/** Bytes in use after full garbage collections; targets of weak references are only collected by the next one. */
function bytesInUse(): number {
  for (let times = 0; times < 3; times += 1) collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test("a walk over 100,000 events keeps the memory within the cache's limit", async () => {
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
