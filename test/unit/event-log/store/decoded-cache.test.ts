import { beforeEach, expect, test } from "@jest/globals";
import { type Entry } from "../../../../src/cache/entry.js";
import { DecodedCache } from "../../../../src/event-log/store/decoded-cache.js";

const MAX_BYTES = 2 * 1024 * 1024;

let nowMs: number;
let decodedTimes: number;
let decoded: DecodedCache<string>;

beforeEach(() => {
  nowMs = 1_000_000;
  decodedTimes = 0;
  decoded = new DecodedCache(
    MAX_BYTES,
    (stored) => {
      decodedTimes += 1;
      return stored.length > 1 ? stored.toString("utf8", 0, 3) : null;
    },
    () => nowMs,
  );
});

/** As large as a block. */
function entry(name: string): Entry {
  const value = Buffer.from(name.padEnd(12_000, "."));
  return { readAtMs: nowMs, freshMs: 1_000, keptUntilMs: nowMs + 1_000, receivedAtMs: nowMs, value };
}

const walkThrough = (entries: readonly Entry[]): void => {
  for (const one of entries) decoded.get(one);
};

test("a block of a walk is decoded once and soon forgotten", () => {
  const walk = Array.from({ length: 50 }, (_, index) => entry(`${index}`));
  walkThrough(walk);
  decoded.get(walk.at(-1) as Entry);
  expect(decodedTimes).toBe(50);
  decoded.get(walk[0] as Entry);
  expect(decodedTimes).toBe(51);
});

test("a block that is read again later stays decoded during walks", () => {
  const wanted = Array.from({ length: 10 }, (_, index) => entry(`${index}`));
  walkThrough(wanted);
  nowMs += 250;
  walkThrough(wanted);
  walkThrough(Array.from({ length: 200 }, (_, index) => entry(`passing ${index}`)));
  decodedTimes = 0;
  walkThrough(wanted);
  expect(decodedTimes).toBe(0);
  expect(decoded.get(wanted[7] as Entry)).toBe("7..");
});

test("an invalid part gives null, and is decoded only once", () => {
  const broken: Entry = { ...entry("broken"), value: Buffer.from("{") };
  expect(decoded.get(broken)).toBeNull();
  expect(decoded.get(broken)).toBeNull();
  expect(decodedTimes).toBe(1);
});
