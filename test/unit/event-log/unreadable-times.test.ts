import { describe, expect, test } from "@jest/globals";
import { HEAD_TTL_MS } from "../../support/virtual/virtual-gateway.js";
import { VirtualJob } from "../../support/virtual/virtual-job.js";

/** A job with one event a second, of which some have no readable time. */
function jobWithout(times: readonly number[], length = 400): VirtualJob {
  const job = VirtualJob.ofLength(length);
  for (const place of times) job.upstream.unreadable.add(`event ${place}`);
  return job;
}

describe("an event without a readable time", () => {
  // 99, 198 and 297 are the first rows of blocks; the tail begins at 320.
  test.each([[[99]], [[198, 199, 200]], [[297, 320]], [[0]], [[399]], [[0, 1, 98, 99, 100, 101]]])(
    "hides no event if it is at %j",
    async (places) => {
      const job = jobWithout(places);
      const gateway = job.gateway();
      for (const first of [20, 100]) {
        expect(await gateway.walk({ order: "OLDEST_FIRST", first })).toEqual(job.messages());
        expect(await gateway.walk({ order: "NEWEST_FIRST", first })).toEqual(job.messages().reverse());
        job.advanceClock(HEAD_TTL_MS + 1);
      }
    },
  );

  test("has the time of the event before it and the same cursor in every page", async () => {
    const job = jobWithout([99, 198, 320]);
    const seen = new Map<string, string>();
    for (const order of ["OLDEST_FIRST", "NEWEST_FIRST"] as const) {
      const gateway = job.gateway();
      for (let after: string | null = null, more = true; more;) {
        const page = await gateway.read({ order, first: 30, after });
        for (const { cursor, node } of page.edges) {
          expect(seen.get(node.message) ?? `${node.time} ${cursor}`).toBe(`${node.time} ${cursor}`);
          seen.set(node.message, `${node.time} ${cursor}`);
        }
        after = page.pageInfo.endCursor;
        more = page.pageInfo.hasNextPage;
      }
    }
    const time = (place: number): string | undefined => seen.get(`event ${place}`)?.split(" ")[0];
    expect([time(99), time(198), time(320)]).toEqual([time(98), time(197), time(319)]);
  });

  test("is counted as the only one of its level", async () => {
    const job = jobWithout([], 2_000);
    job.write({ level: "ERROR", message: "first error" });
    job.upstream.unreadable.add("first error");
    const { levels } = await job.gateway().readFacets({ first: 20 });
    expect(levels).toEqual({ INFO: 2_000, WARNING: 0, ERROR: 1 });
  });
});

test("a log in which no event has a readable time is refused", async () => {
  const job = jobWithout([0, 1], 2);
  await expect(job.gateway().read({ first: 10 })).rejects.toMatchObject({
    code: "UPSTREAM_INVALID_RESPONSE",
  });
});
