import { beforeEach, expect, test } from "@jest/globals";
import { Breaker } from "../../../src/cache/breaker.js";

const REST_MS = 500;
let nowMs = 0;
let breaker: Breaker;

function fail(times: number): boolean[] {
  return Array.from({ length: times }, () => breaker.failed());
}

beforeEach(() => {
  nowMs = 0;
  breaker = new Breaker(REST_MS, () => nowMs);
});

test("opens at the third fault in a row, and reports it once", () => {
  expect(fail(4)).toEqual([false, false, true, false]);
  expect(breaker.isOpen).toBe(true);
});

test("stays closed while two of three answers are good", () => {
  for (let round = 0; round < 100; round += 1) {
    fail(1);
    breaker.succeeded();
    breaker.succeeded();
  }
  expect(breaker.isOpen).toBe(false);
});

test("opens when every other answer is a fault", () => {
  for (let round = 0; round < 10; round += 1) {
    breaker.succeeded();
    fail(1);
  }
  expect(breaker.isOpen).toBe(true);
});

test("allows one probe at a time, and none before the end of the pause", () => {
  fail(3);
  expect(breaker.takeProbe()).toBe(false);
  nowMs = REST_MS;
  expect([breaker.takeProbe(), breaker.takeProbe()]).toEqual([true, false]);
  nowMs = 100 * REST_MS;
  expect(breaker.takeProbe()).toBe(false);
  breaker.probed(false);
  expect(breaker.takeProbe()).toBe(false);
  nowMs += REST_MS;
  expect(breaker.takeProbe()).toBe(true);
});

test("closes after a good probe, and opens again after one fault", () => {
  fail(3);
  nowMs = REST_MS;
  breaker.takeProbe();
  breaker.probed(true);
  expect(breaker.isOpen).toBe(false);
  expect(fail(1)).toEqual([true]);
});

test("is not closed by the reply to a command that was sent before it opened", () => {
  fail(3);
  breaker.succeeded();
  expect(breaker.isOpen).toBe(true);
});
