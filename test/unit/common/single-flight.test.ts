import { getMaxListeners } from "node:events";
import { expect, test } from "@jest/globals";
import { SingleFlight } from "../../../src/common/single-flight.js";

test("any number of calls of one flight may listen to its signal without a warning of Node", async () => {
  const flights = new SingleFlight<number>(() => 0);
  const waiter = { signal: new AbortController().signal, deadlineMs: 1_000 };
  const { value: most } = await flights.join("counts", -Infinity, waiter, ({ signal }) =>
    Promise.resolve(getMaxListeners(signal)),
  );
  expect(most).toBe(Infinity);
});
