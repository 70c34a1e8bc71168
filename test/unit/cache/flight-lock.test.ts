import { expect, test } from "@jest/globals";
import { createFlightLock, type Turn } from "../../../src/cache/flight-lock.js";
import { cacheKey, createTenancy, logPrefix } from "../../../src/cache/keys.js";
import { createMemoryStore } from "../../../src/cache/memory-store.js";

const { tenant } = createTenancy({ secret: "a", upstream: "b" });
const prefix = logPrefix({ tenant, projectId: "p", jobId: "j", filter: "", language: "any" });

/** Takes the lock while the scripts in Redis answer as `ask` says; the deadline is over after `looksMax` looks. */
async function takeTurn(
  ask: (look: number) => unknown,
  looksMax = Number.POSITIVE_INFINITY,
): Promise<{ turn: Turn; looks: number }> {
  let looks = 0;
  const gate = {
    ask: async <T>(): Promise<T> => {
      looks += 1;
      return (await ask(looks)) as T;
    },
  };
  const lock = createFlightLock(gate, createMemoryStore({ maxBytes: 1_000, nowMs: Date.now }), Date.now);
  const turn = await lock({
    key: cacheKey(prefix, "a"),
    lockKey: cacheKey(prefix, "b"),
    sinceMs: 0,
    signal: new AbortController().signal,
    deadlineMs: () => (looks < looksMax ? Number.POSITIVE_INFINITY : 0),
  });
  if (turn.kind === "own") turn.leave();
  return { turn, looks };
}

test("a flight waits for the owner of the lock up to its own deadline, however long a read takes", async () => {
  const { turn, looks } = await takeTurn(() => 0, 20);
  expect(turn.kind).toBe("own");
  expect(looks).toBe(20);
});

test("a look that Redis answers too late does not end the wait for the owner", async () => {
  const late = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 40));
  const { looks } = await takeTurn((look) => (look % 3 === 0 ? 0 : late()), 9);
  expect(looks).toBe(9);
});

test("without Redis there is no wait", async () => {
  expect((await takeTurn(() => undefined)).looks).toBe(1);
});
