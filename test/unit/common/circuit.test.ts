import { beforeEach, expect, test } from "@jest/globals";
import { Circuit } from "../../../src/common/circuit.js";

let nowMs = 0;
let circuit: Circuit;

beforeEach(() => {
  nowMs = 0;
  circuit = new Circuit(2_000, () => nowMs);
});

test("a closed circuit allows every call and sends no probes", () => {
  expect([circuit.state, circuit.isOpen, circuit.waitMs, circuit.takeProbe()]).toEqual([
    "closed",
    false,
    0,
    false,
  ]);
});

test("reports its opening once", () => {
  expect([circuit.open(), circuit.open()]).toEqual([true, false]);
});

test("sends one probe at a time, and none before the end of its wait", () => {
  circuit.open();
  nowMs = 1_500;
  expect([circuit.waitMs, circuit.takeProbe()]).toEqual([500, false]);
  nowMs = 2_000;
  expect([circuit.takeProbe(), circuit.takeProbe()]).toEqual([true, false]);
  expect([circuit.state, circuit.waitMs]).toEqual(["half-open", 2_000]);
  nowMs = 60_000;
  expect(circuit.takeProbe()).toBe(false);
});

test.each([
  [true, "closed", 0],
  [false, "open", 2_000],
])("after a probe that works: %s, it is %s", (works, state, waitMs) => {
  circuit.open();
  nowMs = 2_000;
  circuit.takeProbe();
  circuit.probed(works);
  expect([circuit.state, circuit.waitMs]).toEqual([state, waitMs]);
});
