import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type EventsArguments, type Order, ORDERS } from "../../src/paging/arguments.js";
import { type EventPage } from "../../src/paging/connection.js";
import { type EventFilterInput, logFiltersOf, parseFilter } from "../../src/paging/filter.js";
import { type SimulatedEvent } from "../../src/simulator/jobs/event.js";
import { LEVELS } from "../../src/training-job-event.js";
import { matches, seenAs, shownAs } from "../support/virtual/exactly-once.js";
import { filter, CHANGES, line, ChangingLog } from "../support/virtual/scenario.js";
import { HEAD_TTL_MS, VirtualGateway } from "../support/virtual/virtual-gateway.js";
import { VirtualModelArts } from "../support/virtual/virtual-modelarts.js";

const RUNS = 150;

const scenario = fc.record({
  lines: fc.oneof(fc.array(line, { maxLength: 30 }), fc.array(line, { minLength: 90, maxLength: 420 })),
  changes: fc.array(CHANGES.everything, { maxLength: 4 }),
  filter,
  order: fc.constantFrom(...ORDERS),
  unit: fc.constantFrom("row" as const, "auto" as const),
  size: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constantFrom(1, 2, 50, 99, 100)),
  /** Where in the log, as a part of it; a little beyond either end, too. */
  at: fc.double({ min: -0.05, max: 1.05, noNaN: true }),
  halfSecond: fc.boolean(),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** The events of a filter in the order of its list, by time, then log, then as they stand. */
function listOf(
  rows: readonly SimulatedEvent[],
  input: EventFilterInput | null,
  order: Order,
): SimulatedEvent[] {
  const logs = logFiltersOf(parseFilter(input));
  const logOf = (row: SimulatedEvent): number =>
    logs.findIndex(({ level, source }) =>
      matches(row, { levels: level === null ? null : [level], sources: source === null ? null : [source] }),
    );
  const list = rows
    .filter((row) => matches(row, input))
    .sort((a, b) => a.timeMs - b.timeMs || logOf(a) - logOf(b));
  return order === "OLDEST_FIRST" ? list : list.reverse();
}

/** The expected page around an index of a list. */
function pageAt(list: readonly SimulatedEvent[], index: number, size: number) {
  const behind = list.length - index;
  const before = Math.min(index, Math.max(Math.floor(size / 2), size - behind));
  const end = Math.min(list.length, index + size - before);
  return {
    shown: list.slice(index - before, end).map(seenAs),
    hasPreviousPage: index - before > 0,
    hasNextPage: end < list.length,
    totalCount: list.length,
  };
}

function indexAt(list: readonly SimulatedEvent[], timeMs: number, order: Order): number {
  const index = list.findIndex((row) =>
    order === "OLDEST_FIRST" ? row.timeMs >= timeMs : row.timeMs <= timeMs,
  );
  return index < 0 ? list.length : index;
}

function summary({ edges, pageInfo: { hasPreviousPage, hasNextPage }, totalCount }: EventPage) {
  return { shown: edges.map(shownAs), hasPreviousPage, hasNextPage, totalCount };
}

/** A log that has changed, and a gateway whose cache is partly from before the changes. */
async function prepare({ lines, changes, unit, filter: input, order, size }: Scenario) {
  const upstream = new VirtualModelArts();
  const gateway = new VirtualGateway(upstream, unit);
  const pause = (ms: number): void => {
    upstream.nowMs += ms;
  };
  const log = new ChangingLog(lines, { jobs: upstream.simulation.jobs, pause, gateways: [gateway, gateway] });
  const [middle] = log.rows().slice(log.rows().length >> 1);
  const aroundTime = new Date(middle?.timeMs ?? 0);
  for (const change of changes) {
    await gateway.readFacets({ filter: input, order, first: size, aroundTime });
    log.apply(change);
  }
  pause(HEAD_TTL_MS + 1);
  return { upstream, gateway, rows: log.rows() };
}

test("a page around a time equals that part of the list, and walks from it give each event once", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (plan) => {
      const { gateway, rows } = await prepare(plan);
      const { filter: input, order, size } = plan;
      const list = listOf(rows, input, order);
      const [oldestMs, newestMs] = [rows[0]?.timeMs ?? 0, rows.at(-1)?.timeMs ?? 0];
      const seconds = Math.round((oldestMs + plan.at * (newestMs - oldestMs)) / 1000);
      const timeMs = seconds * 1000 + (plan.halfSecond ? 500 : 0);
      const base: Partial<EventsArguments> = { filter: input, order };
      const page = await gateway.read({ ...base, first: size, aroundTime: new Date(timeMs) });
      expect(summary(page)).toEqual(pageAt(list, indexAt(list, timeMs, order), size));
      if (page.edges.length === 0) return;
      const met = page.edges.map(shownAs);
      for (let { endCursor: after, hasNextPage } = page.pageInfo; hasNextPage;) {
        const next = await gateway.read({ ...base, first: 70, after });
        met.push(...next.edges.map(shownAs));
        ({ endCursor: after, hasNextPage } = next.pageInfo);
      }
      for (let { startCursor: before, hasPreviousPage } = page.pageInfo; hasPreviousPage;) {
        const previous = await gateway.read({ ...base, last: 70, before });
        met.unshift(...previous.edges.map(shownAs));
        ({ startCursor: before, hasPreviousPage } = previous.pageInfo);
      }
      expect(met).toEqual(list.map(seenAs));
    }),
    { numRuns: RUNS },
  );
});

test("an event has one ID under every filter, and is the first one after the middle of a page around it", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (plan) => {
      const { gateway, upstream, rows } = await prepare(plan);
      const { filter: input, order, size } = plan;
      const all: (string | undefined)[] = [];
      for (let after: string | null = null, more = true; more;) {
        const page: EventPage = await new VirtualGateway(upstream, "row").read(
          { order: "OLDEST_FIRST", first: 100, after },
          null,
          true,
        );
        all.push(...page.nodes.map(({ id }) => id));
        ({ endCursor: after, hasNextPage: more } = page.pageInfo);
      }
      expect(all).toHaveLength(rows.length);
      expect(new Set(all).size).toBe(rows.length);
      const at = Math.min(rows.length - 1, Math.max(0, Math.floor(plan.at * rows.length)));
      const row = rows[at];
      if (row === undefined) return;
      const list = listOf(rows, input, order);
      const index = matches(row, input) ? list.indexOf(row) : indexAt(list, row.timeMs, order);
      const around = { filter: input, order, first: size, aroundEvent: all[at] ?? null };
      const page = await gateway.read(around, null, true);
      const expected = pageAt(list, index, size);
      expect(summary(page)).toEqual(expected);
      const idOf = new Map(rows.map((one, of) => [one, all[of]]));
      const start = index - Math.min(index, Math.max(Math.floor(size / 2), size - (list.length - index)));
      expect(page.nodes.map(({ id }) => id)).toEqual(
        list.slice(start, start + page.nodes.length).map((one) => idOf.get(one)),
      );
    }),
    { numRuns: RUNS },
  );
});

test("a histogram sums to totalCount, and counts ignore only their own part of the filter", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, fc.integer({ min: 1, max: 60 }), async (plan, buckets) => {
      const { gateway, rows } = await prepare(plan);
      const { filter: input, order, size } = plan;
      const page = await gateway.readFacets({ filter: input, order, first: size }, { buckets });
      const list = listOf(rows, input, "OLDEST_FIRST");
      expect(page.totalCount).toBe(list.length);
      expect(page.buckets.map(({ count }) => count)).toEqual(
        page.buckets.map(({ start, end }) => {
          const [from, to] = [Date.parse(start), Date.parse(end)];
          return list.filter(({ timeMs }) => from <= timeMs && timeMs < to).length;
        }),
      );
      expect(page.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(list.length);
      expect(page.buckets).toHaveLength(list.length === 0 ? 0 : buckets);
      const others = rows.filter((row) => matches(row, { sources: input?.sources ?? null }));
      expect(page.levels).toEqual(
        Object.fromEntries(
          LEVELS.map((level) => [level, others.filter((row) => row.level?.toUpperCase() === level).length]),
        ),
      );
    }),
    { numRuns: RUNS },
  );
});
