import { expect, test } from "@jest/globals";
import { createFlightLock } from "../../../src/cache/flight-lock.js";
import { cacheKey, createTenancy, logPrefix } from "../../../src/cache/keys.js";
import { createMemoryStore } from "../../../src/cache/memory-store.js";

test("who has read nothing yet waits for another's read no longer than a read may take", async () => {
  // A script's answer where another process has the lock, and nothing is there yet.
  const gate = { ask: <T>() => Promise.resolve(0 as T) };
  const near = createMemoryStore({ maxBytes: 1_000, nowMs: Date.now });
  const { tenant } = createTenancy({ secret: "a", upstream: "b" });
  const prefix = logPrefix({ tenant, projectId: "p", jobId: "j", filter: "", language: "any" });
  const lock = createFlightLock(gate, near, Date.now, 1);
  const { signal } = new AbortController();
  const turn = await lock({ key: cacheKey(prefix, "a"), lockKey: cacheKey(prefix, "b"), sinceMs: 0, signal });
  expect(turn.kind).toBe("own");
});
