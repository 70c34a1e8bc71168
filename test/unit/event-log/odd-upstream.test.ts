import { describe, expect, test } from "@jest/globals";
import { LAWS_KEPT } from "../../../src/simulator/laws.js";
import { HEAD_TTL_MS } from "../../support/virtual/virtual-gateway.js";
import { VirtualJob } from "../../support/virtual/virtual-job.js";

describe("a log that shrank under an upstream that refuses offsets past the end", () => {
  function shrunken(): VirtualJob {
    const job = VirtualJob.ofLength(500);
    job.upstream.simulation.set({ brokenLaws: { ...LAWS_KEPT, pastEndRefused: true } });
    return job;
  }

  test.each([
    ["a few", 430],
    ["all but a block", 400],
    ["all", 500],
  ])("is read from its new end after %s events were trimmed", async (_name, trimmed) => {
    const job = shrunken();
    const gateway = job.gateway();
    await gateway.read({ first: 50 });
    job.trim(trimmed);
    job.advanceClock(HEAD_TTL_MS + 1);
    const { totalCount, nodes } = await gateway.read({ first: 50 });
    expect(totalCount).toBe(500 - trimmed);
    expect(nodes.map(({ message }) => message)).toEqual(job.messages().reverse().slice(0, 50));
  });

  test("finds the event of an old cursor", async () => {
    const job = shrunken();
    const gateway = job.gateway();
    const { pageInfo } = await gateway.read({ first: 10 });
    job.trim(450);
    job.advanceClock(HEAD_TTL_MS + 1);
    const { nodes } = await gateway.read({ first: 50, after: pageInfo.endCursor });
    expect(nodes.map(({ message }) => message)).toEqual(job.messages().reverse().slice(10));
  });

  test("an offset that is refused within the log is still an error", async () => {
    const job = VirtualJob.ofLength(500);
    job.upstream.simulation.set({ brokenLaws: { ...LAWS_KEPT, offsetMax: 100 } });
    await expect(job.gateway().read({ first: 50 })).rejects.toMatchObject({ code: "UPSTREAM_BAD_REQUEST" });
  });
});

describe("an upstream that is slower than the lifetime of a head", () => {
  test.each([
    ["one block", 60, 1],
    ["several blocks", 500, 2],
  ])("is asked once for 50 identical cold queries of a log of %s", async (_name, length, calls) => {
    const job = VirtualJob.ofLength(length);
    job.upstream.latencyMs = HEAD_TTL_MS + 1_000;
    const gateway = job.gateway();
    const pages = await Promise.all(
      Array.from({ length: 50 }, async (_, client) => {
        // They do not all come in the same moment.
        for (let turn = 0; turn < client % 3; turn += 1) await Promise.resolve();
        return gateway.read({ first: 50 });
      }),
    );
    for (const { totalCount } of pages) expect(totalCount).toBe(length);
    expect(job.upstream.takeCalls().calls).toBe(calls);
  });
});
