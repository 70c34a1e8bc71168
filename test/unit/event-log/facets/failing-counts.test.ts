import { expect, test } from "@jest/globals";
import { GatewayError } from "../../../../src/errors.js";
import { parseEventsArguments } from "../../../../src/paging/arguments.js";
import { JOB } from "../../../support/virtual/virtual-gateway.js";
import { START_MS, VirtualJob } from "../../../support/virtual/virtual-job.js";

const nothing = (): void => undefined;

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
    job.upstream.failures = Array.from(
      { length: 50 },
      () => new GatewayError("UPSTREAM_UNAVAILABLE", "The upstream fails."),
    );
    const levels = await Promise.resolve(counts.byLevel(list)).catch((error: unknown) => {
      if (error instanceof GatewayError && error.retryable) return null;
      throw error;
    });
    const sum = levels?.reduce((all, { count }) => all + count, 0) ?? "failed";
    expect([totalCount, "failed"]).toContain(sum);
  },
);
