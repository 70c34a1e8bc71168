import { describe, expect, test } from "@jest/globals";
import { GatewayError } from "../../../../src/errors.js";
import { parseEventsArguments } from "../../../../src/paging/arguments.js";
import { type EventFilterInput } from "../../../../src/paging/filter.js";
import { parseHistogram } from "../../../../src/paging/histogram.js";
import { type Bucket } from "../../../../src/event-log/facets/facet-rows.js";
import {
  HEAD_TTL_MS,
  JOB,
  SETTLED_TTL_MS,
  VirtualGateway,
} from "../../../support/virtual/virtual-gateway.js";
import { START_MS, VirtualJob } from "../../../support/virtual/virtual-job.js";

const second = (index: number): Date => new Date(START_MS + index * 1000);
const sum = (buckets: readonly Bucket[]): number => buckets.reduce((all, { count }) => all + count, 0);

/** A job of so many events, one a second, with levels and sources in turn. */
function mixed(count: number, levels = ["Info", "Info", "Warning", "Error", "Info"]): VirtualJob {
  const job = new VirtualJob([]);
  const sources = ["Task", "K8S", "Job"];
  for (let index = 0; index < count; index += 1) {
    const [level, source] = [levels[index % levels.length], sources[index % sources.length]];
    job.write({ timeMs: second(index).getTime(), level, source });
  }
  return job;
}

describe("a page with both counts and a histogram", () => {
  test.each([0, 1, 27, 100])("of a log of %d events is one upstream call", async (count) => {
    const job = mixed(count);
    const { totalCount, buckets, levels } = await job.gateway().readFacets({ first: 50 });
    expect(job.upstream.takeCalls()).toEqual({ calls: 1, rounds: 1 });
    expect(totalCount).toBe(count);
    expect(sum(buckets)).toBe(count);
    expect(buckets).toHaveLength(count === 0 ? 0 : 30);
    if (count === 100) expect(levels).toEqual({ INFO: 60, WARNING: 20, ERROR: 20 });
  });

  test("of a finished job of 20,000 events, around a time, is 45 calls at most, and later those for both ends of the log", async () => {
    const job = mixed(20_000);
    const gateway = job.gateway();
    const page = { first: 50, aroundTime: second(12_345) };
    job.upstream.takeCalls();
    const first = await gateway.readFacets(page);
    expect(job.upstream.takeCalls().calls).toBeLessThanOrEqual(45);
    expect(first.levels).toEqual({ INFO: 12_000, WARNING: 4_000, ERROR: 4_000 });
    expect(first.sources).toEqual({ TASK: 6_667, K8S: 6_667, JOB: 6_666 });
    expect(first.buckets).toHaveLength(30);
    expect(sum(first.buckets)).toBe(20_000);
    expect(await gateway.readFacets(page)).toEqual(first);
    expect(job.upstream.takeCalls().calls).toBe(0);
    for (let time = 0; time < 5; time += 1) {
      job.advanceClock(SETTLED_TTL_MS / 6);
      const later = await gateway.readFacets(page);
      expect({ ...later, asOfMs: null, list: null }).toEqual({ ...first, asOfMs: null, list: null });
      // The head, and the oldest block: without it, a trim that late events make up for is not noticed.
      expect(job.upstream.takeCalls().calls).toBe(2);
    }
  });

  test("counts the new events of a running job without another call for counts", async () => {
    const job = mixed(5_000);
    const gateway = job.gateway();
    const first = await gateway.readFacets({ first: 10 });
    for (let time = 0; time < 3; time += 1) {
      job.advanceClock(HEAD_TTL_MS + 1);
      job.write({ timeMs: second(5_000 + time).getTime(), level: "Error", source: "Job" });
      job.upstream.takeCalls();
      const page = await gateway.readFacets({ first: 10 });
      // The head, and the oldest block, where the histogram begins.
      expect(job.upstream.takeCalls().calls).toBe(2);
      expect(page.totalCount).toBe(5_001 + time);
      expect(page.levels).toEqual({ INFO: 3_000, WARNING: 1_000, ERROR: 1_001 + time });
      expect(sum(page.buckets)).toBe(page.totalCount);
      expect(page.buckets.map(({ start }) => start)).toEqual(first.buckets.map(({ start }) => start));
    }
  });
});

describe("counts", () => {
  test.each<[number, EventFilterInput | null, unknown, unknown]>([
    [3_000, null, { INFO: 1_800, WARNING: 600, ERROR: 600 }, { K8S: 1_000, JOB: 1_000, TASK: 1_000 }],
    [
      3_000,
      { levels: ["ERROR"] },
      { INFO: 1_800, WARNING: 600, ERROR: 600 },
      { K8S: 200, JOB: 200, TASK: 200 },
    ],
    [
      3_000,
      { levels: ["ERROR", "WARNING"], sources: ["JOB", "K8S"] },
      { INFO: 1_200, WARNING: 400, ERROR: 400 },
      { K8S: 400, JOB: 400, TASK: 400 },
    ],
    [
      3_000,
      { time: { start: second(1_000), end: second(2_199) }, levels: ["INFO"] },
      { INFO: 720, WARNING: 240, ERROR: 240 },
      { K8S: 240, JOB: 240, TASK: 240 },
    ],
    [60, { levels: ["ERROR"] }, { INFO: 36, WARNING: 12, ERROR: 12 }, { K8S: 4, JOB: 4, TASK: 4 }],
  ])("of %d events ignore only their own part of the filter: %j", async (count, filter, levels, sources) => {
    const page = await mixed(count).gateway().readFacets({ filter });
    expect(page.levels).toEqual(levels);
    expect(page.sources).toEqual(sources);
    expect(sum(page.buckets)).toBe(page.totalCount);
  });

  test.each([60, 3_000])("of %d events count unknown levels under null", async (count) => {
    const page = await mixed(count, ["Info", "Debug", "Error"]).gateway().readFacets();
    expect(page.levels).toEqual({ INFO: count / 3, WARNING: 0, ERROR: count / 3, null: count / 3 });
    expect(Object.keys(page.levels as object)).toEqual(["INFO", "WARNING", "ERROR", "null"]);
  });

  // Counted by rows, by rows of several blocks, and by the upstream's totals.
  test.each([60, 900, 3_000])(
    "of %d events agree with filters and rows in any case of levels",
    async (count) => {
      const gateway = mixed(count, ["Info", "error", "ERROR", "Error", "warning"]).gateway();
      const { levels } = await gateway.readFacets({ first: 0 });
      expect(levels).toEqual({ INFO: count / 5, WARNING: count / 5, ERROR: (3 * count) / 5 });
      const { totalCount, edges } = await gateway.read({ filter: { levels: ["ERROR"] }, first: 30 });
      expect(totalCount).toBe((3 * count) / 5);
      expect(new Set(edges.map(({ node }) => node.level))).toEqual(new Set(["ERROR"]));
      expect(new Set(edges.map(({ node }) => node.levelText))).toEqual(new Set(["error", "ERROR", "Error"]));
    },
  );

  test.each(["row", "page"] as const)(
    "are right after trims and late events, with %s offsets",
    async (unit) => {
      const job = mixed(2_000);
      job.upstream.simulation.set({ pageOffsets: unit === "page" });
      const gateway = job.gateway(unit);
      await gateway.readFacets();
      for (const change of [
        () => {
          job.trim(500);
        },
        () => {
          job.insertLate(1_000, { level: "Error" });
        },
        () => {
          job.append(200);
        },
      ]) {
        change();
        job.advanceClock(HEAD_TTL_MS + 1);
        const page = await gateway.readFacets();
        const fresh = await job.gateway(unit).readFacets();
        expect(page.levels).toEqual(fresh.levels);
        expect(sum(page.buckets)).toBe(page.totalCount);
        expect(page.totalCount).toBe(job.messages().length);
      }
    },
  );
});

test.each(["byLevel", "bySource"] as const)(
  "a trim before the upstream counts is not taken for events of an unknown value: %s",
  async (facet) => {
    const job = mixed(5_000);
    const reads = job.gateway().operation();
    const page = parseEventsArguments({ order: "NEWEST_FIRST", first: 10 });
    const { list } = await reads.readEvents(JOB, page, new Set(["counts"]));
    job.upstream.before = [
      () => {
        job.trim(700);
      },
    ];
    const counts: readonly { readonly count: number }[] = await reads.counts[facet](list);
    expect(counts).toHaveLength(3);
    expect(counts.reduce((all, { count }) => all + count, 0)).toBe(4_300);
  },
);

test("events of an unknown level are counted by one more call", async () => {
  const job = mixed(5_000, ["Info", "Fatal", "Warning", "Error", "Info"]);
  const reads = job.gateway().operation();
  const page = parseEventsArguments({ order: "NEWEST_FIRST", first: 10 });
  const { list } = await reads.readEvents(JOB, page, new Set(["counts"]));
  job.upstream.takeCalls();
  const levels = await reads.counts.byLevel(list);
  expect(levels.map(({ level, count }) => [level, count])).toEqual([
    ["INFO", 2_000],
    ["WARNING", 1_000],
    ["ERROR", 1_000],
    [null, 1_000],
  ]);
  expect(job.upstream.takeCalls().calls).toBe(4);
});

describe("a histogram", () => {
  test("has buckets of equal width from the first event to just after the last one", async () => {
    const { buckets } = await mixed(3_000).gateway().readFacets({}, { buckets: 7 });
    const widths = buckets.map(({ start, end }) => Date.parse(end) - Date.parse(start));
    expect(new Set(widths).size).toBe(1);
    expect(buckets[0]?.start).toBe(second(0).toISOString());
    expect(buckets.at(-1)?.count).toBeGreaterThan(0);
    buckets.slice(1).forEach(({ start }, at) => {
      expect(start).toBe(buckets[at]?.end);
    });
  });

  test.each([100, 4_000])("of %d events includes a bucket's start and not its end", async (count) => {
    const range = { start: second(count / 2), end: second(count / 2 + 30), buckets: 3 };
    const { buckets } = await mixed(count).gateway().readFacets({}, range);
    expect(buckets.map(({ start, count: events }) => [start, events])).toEqual(
      [0, 10, 20].map((at) => [second(count / 2 + at).toISOString(), 10]),
    );
  });

  test("of the largest size can be read beside both counts and a page with the default of MAX_UPSTREAM_CALLS", async () => {
    const job = mixed(20_000);
    const gateway = new VirtualGateway(job.upstream, "row", { maxUpstreamCalls: 60 });
    const { buckets } = await gateway.readFacets({ first: 100 }, { buckets: 60 });
    expect(buckets).toHaveLength(60);
    expect(sum(buckets)).toBe(20_000);
  });

  test("has its default size also for two levels of a long log, with the default of MAX_UPSTREAM_CALLS", async () => {
    const job = mixed(20_000);
    const gateway = new VirtualGateway(job.upstream, "row", { maxUpstreamCalls: 60 });
    const filter: EventFilterInput = { levels: ["WARNING", "ERROR"] };
    const { buckets, totalCount } = await gateway.readFacets({ filter, first: 50 });
    expect(buckets).toHaveLength(30);
    expect([totalCount, sum(buckets)]).toEqual([8_000, 8_000]);
  });

  test.each([
    // Four logs of 333 events, which are counted by their rows.
    [5_000, 60],
    // Four logs of 2,667 events, which the upstream counts.
    [40_000, 15],
  ])("of two levels and two sources of %d events can have %d buckets", async (count, most) => {
    const job = mixed(count);
    job.upstream.takeCalls();
    const gateway = new VirtualGateway(job.upstream, "row", { maxUpstreamCalls: 60 });
    const filter: EventFilterInput = { levels: ["WARNING", "ERROR"], sources: ["K8S", "TASK"] };
    const { buckets, totalCount } = await gateway.readFacets({ filter, first: 50 }, { buckets: most });
    expect(buckets).toHaveLength(most);
    expect(sum(buckets)).toBe(totalCount);
    expect(job.upstream.takeCalls().calls).toBeLessThanOrEqual(90);
    if (most === 60) return;
    await expect(gateway.readFacets({ filter, first: 50 }, { buckets: most + 1 })).rejects.toMatchObject({
      code: "OPERATION_TOO_COMPLEX",
      message: expect.stringContaining(`at most ${most} buckets; ${most + 1} were requested`) as unknown,
      details: { argument: "buckets" },
    });
  });

  test("makes no call for buckets without time, and has no buckets without a range", async () => {
    const job = mixed(4_000);
    const gateway = job.gateway();
    await gateway.readFacets({}, { start: second(3_990), end: second(8_000) });
    const filter = { time: { start: second(0), end: second(2_000) } };
    expect(
      sum((await gateway.readFacets({ filter }, { start: second(1_900), end: second(3_000) })).buckets),
    ).toBe(101);
    expect((await gateway.readFacets({}, { start: second(5_000) })).buckets).toEqual([]);
  });

  test("is refused if the upstream's totals contradict its events", async () => {
    const job = mixed(4_000);
    job.upstream.ignoresTime = true;
    const error = await job
      .gateway()
      .readFacets()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: "UPSTREAM_INVALID_RESPONSE" });
  });
});

test("a histogram of a log that gets late events all the time is refused, and not the upstream's totals", async () => {
  const job = mixed(1_500);
  job.upstream.before = Array.from({ length: 200 }, () => () => {
    job.insertLate(10);
  });
  const refused = job.gateway().readFacets({ first: 0 }, { buckets: 10 });
  await expect(refused).rejects.toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
});

describe("behind replicas that lag", () => {
  /** All ways in which some of the next five calls are answered by a replica that lags by three events. */
  const patterns = Array.from({ length: 32 }, (_, bits) =>
    Array.from({ length: 5 }, (_, call) => ((bits >> call) & 1) * 3),
  );

  test.each([
    ["one block", 60],
    ["several blocks", 150],
  ])("counts of a log of %s that grows sum to its total, or are refused", async (_name, length) => {
    const outcomes = new Map<string, number>();
    for (const order of ["OLDEST_FIRST", "NEWEST_FIRST"] as const) {
      for (const lags of patterns) {
        const job = mixed(length);
        const gateway = job.gateway("row");
        await gateway.readFacets({ order, first: 20 });
        job.advanceClock(HEAD_TTL_MS + 1);
        for (let at = 0; at < 3; at += 1) {
          job.write({ timeMs: second(length + at).getTime(), level: "Error", source: "Job" });
        }
        job.upstream.lags = [...lags];
        const outcome = await gateway.readFacets({ order, first: 20 }).then(
          ({ totalCount, buckets, levels }) => {
            const byLevel = Object.values(levels as Record<string, number>);
            const isWhole = sum(buckets) === totalCount && byLevel.reduce((a, b) => a + b) === totalCount;
            return isWhole ? "right" : "wrong";
          },
          (error: unknown) => (error instanceof GatewayError ? error.code : String(error)),
        );
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    }
    const { right = 0, UPSTREAM_UNAVAILABLE = 0, ...others } = Object.fromEntries(outcomes);
    expect(others).toEqual({});
    expect(right).toBeGreaterThan(UPSTREAM_UNAVAILABLE);
  });
});

test.each([50, 120, 600])(
  "counts do not include %d events that were written after their page",
  async (written) => {
    const job = mixed(300);
    const gateway = job.gateway();
    const { readEvents, counts } = gateway.operation();
    const page = parseEventsArguments({ order: "NEWEST_FIRST", first: 20 });
    const { list, totalCount } = await readEvents(JOB, page, new Set(["cursors", "counts"]));
    expect(totalCount).toBe(300);
    for (let at = 0; at < written; at += 1) job.write({ timeMs: second(300 + at).getTime(), level: "Error" });
    job.advanceClock(HEAD_TTL_MS + 1);
    await gateway.read({ first: 20 });
    const [levels, buckets] = await Promise.all([
      counts.byLevel(list),
      counts.byTime(list, parseHistogram({})),
    ]);
    expect(levels).toMatchObject([{ count: 180 }, { count: 60 }, { count: 60 }]);
    expect(sum(buckets)).toBe(300);
  },
);
