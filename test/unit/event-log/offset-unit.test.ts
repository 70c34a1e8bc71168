import { describe, expect, test } from "@jest/globals";
import { type EventsAnswer } from "../../../src/modelarts/client.js";
import { unitShownByCount, unitShownByRows } from "../../../src/event-log/offset-unit.js";
import { VirtualJob } from "../../support/virtual/virtual-job.js";
import { type VirtualGateway } from "../../support/virtual/virtual-gateway.js";

/** @returns the messages of the whole log, oldest first */
async function walk(
  gateway: VirtualGateway,
  order: "OLDEST_FIRST" | "NEWEST_FIRST",
  first: number,
): Promise<string[]> {
  const messages = await gateway.walk({ order, first });
  return order === "OLDEST_FIRST" ? messages : messages.reverse();
}

const cases = (["row", "page"] as const).flatMap((truth) =>
  (["OLDEST_FIRST", "NEWEST_FIRST"] as const).flatMap((order) =>
    [101, 199, 200, 201, 1_000, 12_000].map((count) => [truth, order, count] as const),
  ),
);

test.each(cases)(
  "auto finds out that offsets count %ss, %s, in a log of %d events",
  async (truth, order, count) => {
    const job = VirtualJob.ofLength(count);
    job.upstream.simulation.set({ pageOffsets: truth === "page" });
    expect(await walk(job.gateway("auto"), order, 100)).toEqual(job.messages());
  },
);

test.each(["row", "page"] as const)(
  "a deep cursor in a process that knows nothing yet, with %s offsets",
  async (truth) => {
    const job = VirtualJob.ofLength(12_000);
    job.upstream.simulation.set({ pageOffsets: truth === "page" });
    const gateway = job.gateway(truth);
    let after: string | null = null;
    for (let page = 0; page < 6; page += 1) {
      after = (await gateway.read({ order: "OLDEST_FIRST", first: 100, after })).pageInfo.endCursor;
      const found = await job.gateway("auto").read({ order: "OLDEST_FIRST", first: 1, after });
      expect(found.nodes[0]?.message).toBe(`event ${(page + 1) * 100}`);
    }
  },
);

test.each([
  [0, 100, 1_000, 100, null],
  [99, 100, 1_000, 100, "row"],
  [99, 100, 1_000, 0, "page"],
  [1, 100, 101, 1, "page"],
  [1, 100, 101, 100, "row"],
  [99, 100, 50_000, 100, null],
  [500, 100, 400, 0, null],
  [99, 100, 1_000, 37, null],
] as const)(
  "an answer to offset %d, limit %d, with total %d and %d rows shows %s",
  (offset, limit, total, rows, unit) => {
    expect(unitShownByCount(offset, limit, total, rows)).toBe(unit);
  },
);

/** The answer of an upstream to an offset, with events in these seconds; equal seconds mean equal events. */
function answer(seconds: readonly number[], offset: number, unit: "row" | "page"): EventsAnswer {
  const start = unit === "row" ? offset : offset * 100;
  const events = seconds.slice(start, start + 100).map((second) => ({
    timeMs: second * 1000,
    message: "same",
    level: null,
    source: null,
  }));
  return { total: seconds.length, events };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, second) => second);

describe("two probes show", () => {
  test.each([
    ["the unit", upTo(250), upTo(250), "row", "page"],
    ["the unit of a log that grows", upTo(199), upTo(200), "row", "page"],
    [
      "the unit if repeats are on both sides of the boundary",
      upTo(250).map((s) => Math.floor(s / 7)),
      null,
      "row",
      "page",
    ],
    [
      "no row offset if an event was inserted in between",
      upTo(199),
      [0, 0, ...upTo(199).slice(1)],
      null,
      "page",
    ],
    ["no row offset where the old end was cut between", upTo(250), upTo(250).slice(3), null, "page"],
    ["nothing of a log of one second", upTo(250).map(() => 5), null, null, null],
    [
      "no unit if all rows of the first block except the oldest have the same second",
      [0, ...upTo(250).map(() => 5)],
      null,
      null,
      null,
    ],
  ] as const)("%s", (_what, before, after, ifRow, ifPage) => {
    for (const [unit, shown] of [
      ["row", ifRow],
      ["page", ifPage],
    ] as const) {
      const zero = answer(before, 0, unit);
      const one = answer(after ?? before, 1, unit);
      // The unit is never wrong, whatever happens between the probes.
      expect([unit, unitShownByRows(zero, one)]).toEqual([unit, shown]);
    }
  });
});

test("an answer without the rows that its total counts does not decide the unit", async () => {
  const job = VirtualJob.ofLength(1_000);
  const gateway = job.gateway("auto");
  job.upstream.missNextRows = 1;
  await expect(gateway.read({ first: 50 })).rejects.toMatchObject({ code: "UPSTREAM_INVALID_RESPONSE" });
  expect(await walk(gateway, "NEWEST_FIRST", 100)).toEqual(job.messages());
});
