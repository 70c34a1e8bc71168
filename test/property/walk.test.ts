import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { faultsOf } from "../support/virtual/exactly-once.js";
import { CHANGES, play, type Scenario, scenarios } from "../support/virtual/scenario.js";

const RUNS = 400;

const one = fc.constant(null);
const any = fc.constantFrom(null, "en-us" as const, "zh-cn" as const);

test.each([
  ["stands still", "quiet", any],
  ["grows", "growing", any],
  ["is slipped into", "slipping", one],
  ["is slipped into, in changing languages", "slipping", any],
  ["is trimmed", "trimming", one],
  ["grows, is slipped into and trimmed", "everything", one],
] as const)("a walk returns each event exactly once while the log %s", async (_name, change, language) => {
  await fc.assert(
    fc.asyncProperty(scenarios(CHANGES[change], language), async (plan) => {
      expect(faultsOf(await play(plan), plan.filter)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test("in one process no page of a walk is empty while `hasNextPage` was true", async () => {
  await fc.assert(
    fc.asyncProperty(scenarios(CHANGES.growing, one), async (plan: Scenario) => {
      // Another process may know a little less of the end, and say so rightly.
      const pages = plan.pages.map((page) => ({ ...page, process: 0 }));
      const { met, emptyPages } = await play({ ...plan, pages });
      expect(emptyPages).toBe(met.length === 0 ? 1 : 0);
    }),
    { numRuns: RUNS },
  );
});
