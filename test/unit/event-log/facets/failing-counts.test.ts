import { expect, test } from "@jest/globals";
import { GatewayError } from "../../../../src/errors.js";
import { parseEventsArguments } from "../../../../src/paging/arguments.js";
import { HEAD_TTL_MS, JOB, STALE_MS } from "../../../support/virtual/virtual-gateway.js";
import { START_MS, VirtualJob } from "../../../support/virtual/virtual-job.js";

const nothing = (): void => undefined;
const failures = (): GatewayError[] =>
  Array.from({ length: 50 }, () => new GatewayError("UPSTREAM_UNAVAILABLE", "The upstream fails."));

test.each([1, 2, 3])(
  "counts of a fresh page sum to its totalCount or fail, if the log grows before call %d and calls fail after the page",
  async (at) => {
    const job = VirtualJob.ofLength(260);
    job.upstream.before = [
      ...Array<() => void>(at).fill(nothing),
      () => {
        job.append(5);
      },
    ];
    const { readEvents, counts } = job.gateway().operation();
    const page = parseEventsArguments({
      order: "OLDEST_FIRST",
      first: 10,
      aroundTime: new Date(START_MS + 150_000),
    });
    const { list, totalCount, isStale } = await readEvents(JOB, page, new Set(["counts"]));
    expect(isStale).toBe(false);
    job.upstream.failures = failures();
    const levels = await Promise.resolve(counts.byLevel(list)).catch((error: unknown) => {
      if (error instanceof GatewayError && error.retryable) return null;
      throw error;
    });
    const sum = levels?.reduce((all, { count }) => all + count, 0) ?? "failed";
    expect([totalCount, "failed"]).toContain(sum);
  },
);

test.each([
  ["served stale for CACHE_STALE_MS", -1_000, "served"],
  ["not served after that", 1_000, "UPSTREAM_UNAVAILABLE"],
])("counts whose calls fail are %s, even if they were settled", async (_what, pastLimitMs, expected) => {
  const job = VirtualJob.ofLength(260);
  const gateway = job.gateway();
  const readPage = async (beforeCounts: () => void) => {
    const { readEvents, counts } = gateway.operation();
    const { list } = await readEvents(JOB, parseEventsArguments({}), new Set(["counts"]));
    beforeCounts();
    return counts.byLevel(list);
  };
  const counted = await readPage(nothing);
  job.advanceClock(HEAD_TTL_MS + STALE_MS + pastLimitMs);
  const result = await readPage(() => {
    job.upstream.failures = failures();
  }).catch((error: unknown) => error);
  if (expected === "served") expect(result).toEqual(counted);
  else expect(result).toMatchObject({ code: expected });
});
