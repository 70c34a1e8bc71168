import { expect, test } from "@jest/globals";
import { budgetKey, createTenancy } from "../../../src/cache/keys.js";
import { createMemoryCounter } from "../../../src/cache/window-counter.js";

const { tenant } = createTenancy({ secret: "a", upstream: "b" });
const key = budgetKey(tenant, "caller");

test("a window begins with the first count and counts no more than is allowed", async () => {
  let nowMs = 1_000;
  const count = createMemoryCounter(() => nowMs);
  const next = () => count(key, 2, 60_000);
  expect(await next()).toEqual({ isAllowed: true, endsInMs: 60_000 });
  nowMs += 10_000;
  expect(await next()).toEqual({ isAllowed: true, endsInMs: 50_000 });
  expect(await next()).toEqual({ isAllowed: false, endsInMs: 50_000 });
  expect(await count(budgetKey(tenant, "other"), 2, 60_000)).toEqual({ isAllowed: true, endsInMs: 60_000 });
  nowMs += 50_000;
  expect(await next()).toEqual({ isAllowed: true, endsInMs: 60_000 });
  // A clock that is set back makes no window longer.
  nowMs = 500;
  expect(await next()).toEqual({ isAllowed: true, endsInMs: 60_000 });
});
