import { expect, test } from "@jest/globals";
import { allOf, run, waitFor, type MaybeAsync } from "../../../src/common/maybe-async.js";

function* sum(...values: readonly (number | Promise<number>)[]): MaybeAsync<number> {
  const numbers = yield* allOf(values.map((value) => waitFor(value)));
  return numbers.reduce((total, number) => total + number, 0);
}

test("work that never waits returns its result synchronously", () => {
  expect(run(sum(1, 2, 3))).toBe(6);
});

test("work that waits returns a promise, and waits for all parts in parallel", async () => {
  const started: string[] = [];
  function* slow(name: string): MaybeAsync<string> {
    started.push(name);
    return yield* waitFor(Promise.resolve(name));
  }
  const done = run(allOf([slow("a"), slow("b")]));
  expect(started).toEqual(["a", "b"]);
  await expect(done).resolves.toEqual(["a", "b"]);
});

test("a rejected promise can be caught where the work waits for it", async () => {
  function* guarded(): MaybeAsync<string> {
    try {
      return yield* waitFor(Promise.reject<string>(new Error("no")));
    } catch (error) {
      return `caught ${String(error)}`;
    }
  }
  await expect(run(guarded())).resolves.toBe("caught Error: no");
});

test("a part that throws at once fails all parts, and no rejection stays unhandled", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): unknown => unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  function* failing(): MaybeAsync<number> {
    yield* waitFor(1);
    throw new Error("at once");
  }
  const late = Promise.reject<number>(new Error("later"));
  await expect(run(allOf([waitFor(late), failing()]))).rejects.toThrow("at once");
  await expect(run(allOf([waitFor(new Promise<number>(() => undefined)), failing()]))).rejects.toThrow(
    "at once",
  );
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled).toEqual([]);
});
