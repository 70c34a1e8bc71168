import { beforeEach, describe, expect, test } from "@jest/globals";
import { type GatewayErrorCode } from "../../../../src/errors.js";
import { type Ask, GuardedModelArts, HEAD_TTL_MS, TenantProcess } from "../../../support/access/tenants.js";

const JOB = "p/j";
const GRANT_MS = 30_000;
const SMALL = 1;
const WHOLE = 100;

let upstream: GuardedModelArts;
let process: TenantProcess;

const by = (token: string | null): Ask => ({ token, projectId: "p", jobId: "j", language: null });

async function codeOf(answer: Promise<unknown>): Promise<GatewayErrorCode | "page"> {
  return answer.then(
    () => "page",
    (error: unknown) => (error as { code: GatewayErrorCode }).code,
  );
}

beforeEach(() => {
  upstream = new GuardedModelArts();
  upstream.jobs.set(JOB, 250);
  for (const token of ["alice", "bob"]) upstream.rights.set(token, new Set([JOB]));
  upstream.rights.set("mallory", new Set());
  process = new TenantProcess(upstream);
});

describe("a second token", () => {
  test("costs one small call, and sees the same pages", async () => {
    const seen = await process.read(by("alice"), { first: 100 });
    upstream.takeLimits();
    expect(await process.read(by("bob"), { first: 100 })).toEqual(seen);
    expect(upstream.takeLimits()).toEqual([SMALL]);
    await process.read(by("bob"), { first: 100 });
    expect(upstream.takeLimits()).toEqual([]);
  });

  test("makes one small call for any number of concurrent reads", async () => {
    await process.read(by("alice"), { first: 100 });
    upstream.takeLimits();
    await Promise.all(Array.from({ length: 50 }, () => process.read(by("bob"), { first: 100 })));
    expect(upstream.takeLimits()).toEqual([SMALL]);
  });

  test("may see the pages that it read itself, without a further call", async () => {
    await process.read(by("alice"), { first: 100 });
    upstream.nowMs += 10 * 60_000;
    upstream.takeLimits();
    await process.read(by("bob"), { order: "OLDEST_FIRST", first: 10 });
    await process.read(by("bob"), { order: "OLDEST_FIRST", first: 20 });
    expect(upstream.takeLimits()).toEqual([WHOLE]);
  });

  test("gets no grant from an answer about another job", async () => {
    upstream.jobs.set("p/other", 10);
    upstream.rights.get("alice")?.add("p/other");
    await process.read({ ...by("alice"), jobId: "other" });
    await process.read(by("bob"));
    expect(await codeOf(process.read({ ...by("bob"), jobId: "other" }))).toBe("FORBIDDEN");
  });

  test("without the right to read gets no cached page", async () => {
    await process.read(by("alice"), { first: 100 });
    expect(await codeOf(process.read(by("mallory"), { first: 100 }))).toBe("FORBIDDEN");
    expect(await codeOf(process.read(by("nobody"), { first: 100 }))).toBe("UNAUTHENTICATED");
    upstream.isFailing = true;
    expect(await codeOf(process.read(by("mallory"), { first: 100 }))).toBe("UPSTREAM_UNAVAILABLE");
    expect(await codeOf(process.read(by("carol"), { first: 100 }))).toBe("UPSTREAM_UNAVAILABLE");
  });

  test("that is refused does not affect other tokens", async () => {
    await process.read(by("alice"), { first: 100 });
    await codeOf(process.read(by("mallory"), { first: 100 }));
    upstream.takeLimits();
    await process.read(by("alice"), { first: 100 });
    expect(upstream.takeLimits()).toEqual([]);
  });
});

test("concurrent tokens wait only for their own reads", async () => {
  const answers = ["alice", "mallory", "bob", "nobody"].map((token) => codeOf(process.read(by(token))));
  expect(await Promise.all(answers)).toEqual(["page", "FORBIDDEN", "page", "UNAUTHENTICATED"]);
});

test("a token that polls renews its own grant", async () => {
  await process.read(by("alice"));
  upstream.takeLimits();
  for (let poll = 0; poll < 300; poll += 1) {
    upstream.nowMs += 1_000;
    await process.read(by("alice"));
  }
  expect(upstream.takeLimits()).not.toContain(SMALL);
});

test("a withdrawn right ends after 30 seconds, even if others still read", async () => {
  await process.read(by("alice"));
  await process.read(by("bob"));
  upstream.rights.get("bob")?.clear();
  for (let passedMs = 0; passedMs <= GRANT_MS; passedMs += 1_000) {
    upstream.nowMs += 1_000;
    await process.read(by("alice"));
  }
  expect(await codeOf(process.read(by("bob")))).toBe("FORBIDDEN");
});

test("a token that joined the read of a refused token makes its own call", async () => {
  await process.read(by("alice"));
  await process.read(by("bob"));
  upstream.nowMs += HEAD_TTL_MS + 1;
  upstream.rights.get("alice")?.clear();
  const answers = ["alice", "bob", "bob"].map((token) => codeOf(process.read(by(token))));
  expect(await Promise.all(answers)).toEqual(["FORBIDDEN", "page", "page"]);
});

test.each<[GatewayErrorCode, () => void]>([
  ["UNAUTHENTICATED", () => upstream.rights.delete("alice")],
  ["FORBIDDEN", () => upstream.rights.get("alice")?.clear()],
  ["TRAINING_JOB_NOT_FOUND", () => upstream.jobs.delete(JOB)],
])("after %s no earlier page is shown", async (code, withdraw) => {
  await process.read(by("alice"), { first: 100 });
  await process.read(by("bob"), { first: 100 });
  upstream.nowMs += HEAD_TTL_MS + 1;
  withdraw();
  expect(await codeOf(process.read(by("alice"), { first: 100 }))).toBe(code);
  upstream.isFailing = true;
  expect(await codeOf(process.read(by("alice"), { first: 100 }))).toBe("UPSTREAM_UNAVAILABLE");
  expect(await codeOf(process.read(by("bob"), { first: 100 }))).toBe("page");
});

test("a refusal of the gateway's own credentials invalidates the pages of all callers", async () => {
  await process.read(by(null), { first: 100 });
  upstream.nowMs += HEAD_TTL_MS + 1;
  upstream.jobs.delete(JOB);
  expect(await codeOf(process.read(by(null)))).toBe("TRAINING_JOB_NOT_FOUND");
  upstream.isFailing = true;
  expect(await codeOf(process.read(by(null)))).toBe("UPSTREAM_UNAVAILABLE");
  upstream.isFailing = false;
  upstream.jobs.set(JOB, 7);
  expect((await process.read(by(null))).totalCount).toBe(7);
});
