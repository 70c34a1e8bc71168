import { expect, test } from "@jest/globals";
import { TwoQueueCache } from "../../../src/common/two-queue-cache.js";

const MAX_SIZE = 1_000;
const SIZE = 10;

const createCache = () => new TwoQueueCache<string>(MAX_SIZE, () => SIZE);
const names = (of: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${of} ${index}`);

test("a flood of new values evicts no value that was read again", () => {
  const cache = createCache();
  const known = names("known", 50);
  for (const name of known) {
    cache.set(name, name);
    cache.get(name);
  }
  for (const name of names("new", 10_000)) cache.set(name, name);
  expect(known.map((name) => cache.get(name))).toEqual(known);
});

test("the total size of all values stays within the limit", () => {
  const cache = createCache();
  const all = names("value", 500);
  for (const name of all) {
    cache.set(name, name);
    if (name.endsWith("0")) cache.get(name);
  }
  expect(all.filter((name) => cache.has(name)).length).toBeLessThanOrEqual(MAX_SIZE / SIZE);
  expect(cache.has("value 499")).toBe(true);
});

test("`get` returns the last value of a key, and nothing for a deleted key", () => {
  const cache = createCache();
  cache.set("a", "1");
  expect(cache.get("a")).toBe("1");
  cache.set("a", "2");
  expect(cache.get("a")).toBe("2");
  expect(cache.delete("a")).toBe(true);
  expect(cache.get("a")).toBeUndefined();
});
