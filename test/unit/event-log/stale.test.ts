import { beforeEach, describe, expect, test } from "@jest/globals";
import { GuardedModelArts, HEAD_TTL_MS, STALE_MS, TenantProcess } from "../../support/access/tenants.js";

const JOB = "p/j";
const BY = { token: null, projectId: "p", jobId: "j", language: null };

let upstream: GuardedModelArts;
let process: TenantProcess;

beforeEach(() => {
  upstream = new GuardedModelArts();
  upstream.jobs.set(JOB, 1_000);
  process = new TenantProcess(upstream);
});

test.each([
  ["newest", { first: 50 }],
  ["newest hundred", { first: 100 }],
  ["oldest", { order: "OLDEST_FIRST" as const, first: 100 }],
])("the %s page is served stale while the upstream fails, with its age", async (_name, page) => {
  const seen = await process.read(BY, page);
  const readAtMs = upstream.nowMs;
  process.takeOutcomes();
  upstream.nowMs += HEAD_TTL_MS + 10_000;
  upstream.isFailing = true;
  const stale = await process.read(BY, page);
  expect(stale).toEqual({ ...seen, isStale: true });
  expect([seen.isStale, stale.asOf]).toEqual([false, seen.asOf]);
  expect(process.takeOutcomes()).toContain("stale");
  expect(Math.max(...process.ages)).toBeGreaterThanOrEqual(upstream.nowMs - readAtMs - 10);
  expect(Math.max(...process.ages)).toBeLessThan(upstream.nowMs - readAtMs + 100);
});

test("a page after a cursor is also served stale", async () => {
  const { pageInfo } = await process.read(BY, { first: 50 });
  const page = { first: 100, after: pageInfo.endCursor };
  const seen = await process.read(BY, page);
  upstream.nowMs += STALE_MS / 2;
  upstream.isFailing = true;
  expect(await process.read(BY, page)).toEqual({ ...seen, isStale: true });
});

test.each([
  ["newest", null],
  ["middle", 400],
])("no %s page is served stale for longer than CACHE_STALE_MS", async (_name, position) => {
  const middle = position === null ? null : await cursorAt(position);
  const page = { first: 50, after: middle };
  await process.read(BY, page);
  upstream.isFailing = true;
  upstream.nowMs += HEAD_TTL_MS + STALE_MS - 100;
  await process.read(BY, page);
  upstream.nowMs += 200;
  await expect(process.read(BY, page)).rejects.toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
});

/** The cursor of an event, counted from the newest one. */
async function cursorAt(position: number): Promise<string | null> {
  let after: string | null = null;
  for (let read = 0; read < position; read += 100) {
    const { pageInfo } = await process.read(BY, { first: 100, after });
    after = pageInfo.endCursor;
  }
  return after;
}

describe.each([60, 99, 100, 101, 199, 298])("the end of a log of %i events", (length) => {
  beforeEach(() => {
    upstream.jobs.set(JOB, length);
  });

  test.each(["the last events", "the place after the last event"])(
    "%s: served stale for CACHE_STALE_MS and no longer, also if its last block is full",
    async (place) => {
      const { edges } = await process.read(BY, { first: 3 });
      const after = edges.at(place === "the last events" ? -1 : 0)?.cursor ?? null;
      const page = { order: "OLDEST_FIRST" as const, first: 50, after };
      const seen = await process.read(BY, page);
      const readAtMs = Date.parse(seen.asOf);
      upstream.isFailing = true;
      upstream.nowMs = readAtMs + HEAD_TTL_MS + STALE_MS - 100;
      expect(await process.read(BY, page)).toEqual({ ...seen, isStale: true });
      upstream.nowMs = readAtMs + HEAD_TTL_MS + STALE_MS + 200;
      await expect(process.read(BY, page)).rejects.toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
    },
  );
});

test("no stale page is served if the operation needs an answer of the upstream", async () => {
  const { edges } = await process.read(BY, { first: 50 });
  upstream.jobs.set(JOB, 3);
  upstream.nowMs += HEAD_TTL_MS + 1;
  await process.read(BY, { first: 50 });
  upstream.isFailing = true;
  const after = edges[10]?.cursor ?? null;
  await expect(process.read(BY, { first: 50, after })).rejects.toMatchObject({
    code: "UPSTREAM_UNAVAILABLE",
  });
});

test("a fresh page is not marked as stale", async () => {
  await process.read(BY, { first: 50 });
  process.takeOutcomes();
  upstream.isFailing = true;
  await process.read(BY, { first: 50 });
  expect(process.takeOutcomes()).not.toContain("stale");
});

test("each read reports its outcome", async () => {
  await process.read(BY, { first: 50 });
  expect(process.takeOutcomes()).toEqual(["upstream", "upstream"]);
  await process.read(BY, { first: 50 });
  expect(process.takeOutcomes()).toEqual(["memory"]);
  upstream.nowMs += HEAD_TTL_MS * 0.9;
  await process.read(BY, { first: 50 });
  expect(process.takeOutcomes()).toEqual(["refreshed"]);
  upstream.nowMs += 2 * HEAD_TTL_MS;
  await Promise.all([process.read(BY, { first: 50 }), process.read(BY, { first: 50 })]);
  expect(process.takeOutcomes()).toEqual(["upstream", "joined"]);
});

test("refresh-ahead renews a head in the last tenth of its lifetime, and no caller waits for it", async () => {
  await process.read(BY, { first: 50 });
  upstream.jobs.set(JOB, 1_005);
  upstream.takeLimits();
  upstream.nowMs += HEAD_TTL_MS * 0.85;
  expect((await process.read(BY, { first: 50 })).totalCount).toBe(1_000);
  expect(upstream.takeLimits()).toEqual([]);
  upstream.nowMs += HEAD_TTL_MS * 0.1;
  expect((await process.read(BY, { first: 50 })).totalCount).toBe(1_000);
  expect(upstream.takeLimits()).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 0));
  await new Promise((resolve) => setImmediate(resolve));
  expect((await process.read(BY, { first: 50 })).totalCount).toBe(1_005);
  expect(upstream.takeLimits()).toEqual([]);
});

test("a failed refresh-ahead does not fail the caller's read", async () => {
  await process.read(BY, { first: 50 });
  upstream.nowMs += HEAD_TTL_MS * 0.9;
  upstream.isFailing = true;
  expect((await process.read(BY, { first: 50 })).totalCount).toBe(1_000);
});
