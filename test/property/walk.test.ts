import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type EventFilterInput, parseFilter } from "../../src/paging/filter.js";
import { type SimulatedEvent } from "../../src/simulator/event.js";
import { HAPPENINGS, play, type Played, type Scenario, scenarios } from "../support/scenario.js";

const RUNS = 3000;

/** What can be seen of an event, whatever its language. */
function seenAs({ timeMs, level, source, message }: SimulatedEvent): string {
  const text = message?.slice(-1) ?? "";
  return `${new Date(timeMs).toISOString()} ${level ?? ""} ${source ?? ""} ${text}`.toUpperCase();
}

function matches({ level, source }: SimulatedEvent, input: EventFilterInput | null): boolean {
  const { levels, sources } = parseFilter(input);
  return (
    (levels === null || levels.some((wanted) => wanted === level?.toUpperCase())) &&
    (sources === null || sources.some((wanted) => wanted === source?.toUpperCase()))
  );
}

function count(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

/** Events that a walk missed or met too often; exact repeats are told apart by their number alone. */
function faults({ met, survivors, ever }: Played, filter: EventFilterInput | null): string[] {
  const shown = met.map(
    ({ node }) => `${node.time} ${node.level ?? ""} ${node.source ?? ""} ${node.message.slice(-1)}`,
  );
  const seen = count(shown);
  const least = count(survivors.filter((row) => matches(row, filter)).map(seenAs));
  const most = count(ever.filter((row) => matches(row, filter)).map(seenAs));
  return [
    ...[...least].filter(([text, times]) => (seen.get(text) ?? 0) < times).map(([text]) => `lost: ${text}`),
    ...[...seen]
      .filter(([text, times]) => times > (most.get(text) ?? 0))
      .map(([text]) => `repeated: ${text}`),
  ];
}

const one = fc.constant(null);
const any = fc.constantFrom(null, "en-us" as const, "zh-cn" as const);

test.each([
  ["stands still", "quiet", any],
  ["grows", "growing", any],
  ["is slipped into", "slipping", one],
  ["is slipped into, in changing languages", "slipping", any],
  ["is trimmed", "trimming", one],
  ["grows, is slipped into and trimmed", "everything", one],
] as const)("a walk meets each event exactly once while the log %s", async (_name, happening, language) => {
  await fc.assert(
    fc.asyncProperty(scenarios(HAPPENINGS[happening], language), async (plan) => {
      expect(faults(await play(plan), plan.filter)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test("no page of a walk is empty as long as another one is promised", async () => {
  await fc.assert(
    fc.asyncProperty(scenarios(HAPPENINGS.growing, one), async (plan: Scenario) => {
      const { met, emptyPages } = await play(plan);
      expect(emptyPages).toBe(met.length === 0 ? 1 : 0);
    }),
    { numRuns: RUNS },
  );
});
