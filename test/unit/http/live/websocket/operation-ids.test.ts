import { expect, test } from "@jest/globals";
import { MemoryBudget } from "../../../../../src/http/live/websocket/memory-budget.js";
import { OperationIds } from "../../../../../src/http/live/websocket/operation-ids.js";

const subscribe = (id: string): string =>
  JSON.stringify({ id, type: "subscribe", payload: { query: "subscription { s }" } });
const LENGTH = subscribe("1").length;

/** The operations of a connection, which the test ends. */
function connection(maxLength: number, held: MemoryBudget) {
  const ends: (() => void)[] = [];
  const pass = (): Promise<void> =>
    new Promise((resolve) => {
      ends.push(resolve);
    });
  return { ids: new OperationIds(pass, maxLength, held), ends };
}

test("messages of unfinished operations are kept up to a length", async () => {
  const { ids, ends } = connection(2 * LENGTH, new MemoryBudget(Infinity));
  expect(["1", "2", "3"].map((id) => ids.take(subscribe(id)))).toEqual(["ok", "ok", "over-limit"]);
  ends[0]?.();
  await Promise.resolve();
  expect(ids.take(subscribe("4"))).toBe("ok");
});

test("if all connections keep too much, none accepts more until one keeps less", async () => {
  const held = new MemoryBudget(2 * LENGTH);
  const [first, second] = [connection(Infinity, held), connection(Infinity, held)];
  for (const id of ["1", "2", "3"]) expect(first.ids.take(subscribe(id))).toBe("ok");
  expect(second.ids.take(subscribe("1"))).toBe("over-limit");
  first.ends[1]?.();
  await Promise.resolve();
  expect(second.ids.take(subscribe("1"))).toBe("ok");
});

test("a message that waits for its ID counts, and no longer when it is released", () => {
  const held = new MemoryBudget(1.5 * LENGTH);
  const { ids } = connection(Infinity, held);
  const complete = JSON.stringify({ id: "1", type: "complete" });
  ids.take(subscribe("1"));
  ids.take(complete);
  ids.take(subscribe("1"));
  expect(held.isExceeded).toBe(true);
  ids.take(complete);
  expect(held.isExceeded).toBe(false);
});
