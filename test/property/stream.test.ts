import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { GatewayError } from "../../src/errors.js";
import { type StreamArguments } from "../../src/paging/arguments.js";
import { type EventFilterInput, logFiltersOf, parseFilter } from "../../src/paging/filter.js";
import { type SimulatedEvent } from "../../src/simulator/jobs/event.js";
import { faultsOf, matches, seenAs, shownAs } from "../support/virtual/exactly-once.js";
import { filter, CHANGES, line, ChangingLog } from "../support/virtual/scenario.js";
import { VirtualClock } from "../support/virtual/virtual-clock.js";
import { VirtualGateway } from "../support/virtual/virtual-gateway.js";
import { VirtualModelArts } from "../support/virtual/virtual-modelarts.js";
import { VirtualStream } from "../support/virtual/virtual-stream.js";

const RUNS = 100;

const begin = fc.oneof(
  fc.record({ kind: fc.constant("last" as const), count: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ kind: fc.constant("after" as const), count: fc.integer({ min: 1, max: 100 }) }),
);

/** A log, the stream that follows it, and the changes meanwhile. */
const plans = (change: typeof CHANGES.growing | typeof CHANGES.slipping) =>
  fc.record({
    lines: fc.oneof(fc.array(line, { maxLength: 30 }), fc.array(line, { minLength: 90, maxLength: 320 })),
    filter,
    begin,
    steps: fc.array(
      fc.record({
        change,
        /** How many of the next calls fail. */
        failures: fc.constantFrom(0, 0, 0, 1, 3),
        /** Whether the reader stops for the time of the step. */
        held: fc.boolean(),
        /** Whether the stream is interrupted afterwards, and resumes from its end cursor. */
        broken: fc.constantFrom(false, false, true),
        passMs: fc.constantFrom(0, 300, 2_001, 7_000, 20_000),
      }),
      { maxLength: 12 },
    ),
  });

type Plan = ReturnType<typeof plans> extends fc.Arbitrary<infer T> ? T : never;

/** Runs a plan. The stream must have sent the events after its start, and those written at the end of the log. */
async function play(plan: Plan) {
  const upstream = new VirtualModelArts();
  const clock = new VirtualClock(upstream);
  const gateway = new VirtualGateway(upstream, "row");
  const log = new ChangingLog(plan.lines, {
    jobs: upstream.simulation.jobs,
    pause: () => undefined,
    gateways: [gateway, gateway],
  });
  const standing = merged(log.rows(), plan.filter);
  const { args, behind } = await beginningOf(plan, gateway, standing);
  const least: SimulatedEvent[] = [...behind];
  const streams = [new VirtualStream(gateway, clock, args)];
  const current = (): VirtualStream => streams.at(-1) as VirtualStream;
  await clock.pass(100);
  for (const { change, failures, held, broken, passMs } of plan.steps) {
    if (held) current().hold();
    upstream.failures.push(
      ...Array.from({ length: failures }, () => new GatewayError("UPSTREAM_UNAVAILABLE", "It fails.")),
    );
    const before = new Set(log.rows());
    log.apply(change);
    if (change.kind === "append") least.push(...log.rows().filter((row) => !before.has(row)));
    await clock.pass(passMs);
    // Where nothing is known of the log yet, to begin now would be another beginning.
    if (broken && current().endCursor !== null) {
      current().stop();
      current().goOn();
      await current().ended;
      streams.push(new VirtualStream(gateway, clock, { filter: plan.filter, after: current().endCursor }));
      await clock.pass(1);
    }
    current().goOn();
  }
  upstream.failures = [];
  // The longest pause after a failure, and a poll.
  await clock.pass(35_000);
  current().stop();
  await current().ended;
  const met = streams.flatMap(({ batches }) => batches.flatMap(({ edges }) => edges));
  const late = streams.flatMap(({ batches }) => batches.flatMap(({ lateEdges }) => lateEdges));
  const missed = streams.reduce((sum, stream) => sum + stream.missed, 0);
  const errors = streams.map(({ error }) => error);
  return { met, late, missed, survivors: least, ever: [...log.ever], errors, streams };
}

async function beginningOf(
  { begin: { kind, count }, filter: input }: Plan,
  gateway: VirtualGateway,
  standing: readonly SimulatedEvent[],
): Promise<{ args: Partial<StreamArguments>; behind: readonly SimulatedEvent[] }> {
  if (kind === "last" || standing.length === 0) {
    const last = kind === "last" ? count : 0;
    return { args: { filter: input, last }, behind: last === 0 ? [] : standing.slice(-last) };
  }
  const { edges } = await gateway.read({ order: "OLDEST_FIRST", first: count, filter: input });
  const after = edges.at(-1)?.cursor ?? null;
  return { args: { filter: input, after }, behind: standing.slice(edges.length) };
}

/** A filter's events as a list shows them: by time, and those of one second by their logs. */
function merged(rows: readonly SimulatedEvent[], input: EventFilterInput | null): SimulatedEvent[] {
  const logs = logFiltersOf(parseFilter(input));
  const logOf = (row: SimulatedEvent): number =>
    logs.findIndex(({ level, source }) =>
      matches(row, {
        ...(level !== null && { levels: [level] }),
        ...(source !== null && { sources: [source] }),
      }),
    );
  return rows.filter((row) => matches(row, input)).sort((a, b) => a.timeMs - b.timeMs || logOf(a) - logOf(b));
}

/** The events of each of a filter's logs, in their order. */
function byLog(texts: readonly string[], input: EventFilterInput | null): string[][] {
  return logFiltersOf(parseFilter(input)).map(({ level, source }) =>
    texts.filter(
      (text) =>
        (level === null || text.includes(` ${level} `)) && (source === null || text.includes(` ${source} `)),
    ),
  );
}

test("a stream sends each event exactly once and in order while the log grows and the upstream fails", async () => {
  await fc.assert(
    fc.asyncProperty(plans(CHANGES.growing), async (plan) => {
      const { met, survivors, errors } = await play(plan);
      const expected = survivors.filter((row) => matches(row, plan.filter)).map(seenAs);
      const shown = met.map((edge) => shownAs(edge).toUpperCase());
      expect(errors.every((error) => error === null)).toBe(true);
      expect(shown).toHaveLength(expected.length);
      expect(byLog(shown, plan.filter)).toEqual(byLog(expected, plan.filter));
    }),
    { numRuns: RUNS },
  );
});

test("a stream sends no event twice and misses none at the end while late events arrive", async () => {
  await fc.assert(
    fc.asyncProperty(plans(CHANGES.slipping), async (plan) => {
      const played = await play(plan);
      expect(played.errors.every((error) => error === null)).toBe(true);
      expect(faultsOf(played, plan.filter)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test("a late event is sent once at most, beside the others or as a late one, and the missed events are at most the late ones", async () => {
  await fc.assert(
    fc.asyncProperty(plans(CHANGES.slipping), async (plan) => {
      const { met, late, missed, ever } = await play(plan);
      const written = ever.filter((row) => matches(row, plan.filter)).map(seenAs);
      const left = new Map<string, number>();
      for (const text of written) left.set(text, (left.get(text) ?? 0) + 1);
      const sent = [...met, ...late].map((edge) => shownAs(edge).toUpperCase());
      for (const text of sent) left.set(text, (left.get(text) ?? 0) - 1);
      expect([...left].filter(([, count]) => count < 0)).toEqual([]);
      expect(sent.length + missed).toBeLessThanOrEqual(written.length);
    }),
    { numRuns: RUNS },
  );
});

test("no batch is larger than 100 events, and only the first and heartbeats are empty", async () => {
  await fc.assert(
    fc.asyncProperty(plans(CHANGES.growing), async (plan) => {
      const { streams } = await play(plan);
      // A stopped reader misses the batch about a failure, but not the one about its end.
      const seesFailures =
        !plan.steps.some(({ held }) => held) || plan.steps.every(({ failures }) => failures === 0);
      for (const { batches } of streams) {
        for (const [index, { edges, atMs, isStale }] of batches.entries()) {
          expect(edges.length).toBeLessThanOrEqual(100);
          const last = batches[index - 1];
          // A batch also says at once that the upstream fails, or that it answers again.
          const isHeartbeat = index > 1 && edges.length === 0 && isStale === last?.isStale;
          if (isHeartbeat && seesFailures) expect(atMs - last.atMs).toBeGreaterThanOrEqual(15_000);
        }
      }
    }),
    { numRuns: RUNS },
  );
});
