import { describe, expect, test } from "@jest/globals";
import {
  CLOCK_SKEW_MS,
  HEADER_BYTES,
  isFreshEntry,
  packEntry,
  unpackEntry,
} from "../../../src/cache/entry.js";

const NOW_MS = Date.UTC(2026, 0, 1);
const entry = {
  readAtMs: NOW_MS - 100,
  freshMs: 2_000,
  keptUntilMs: NOW_MS + 60_000,
  receivedAtMs: NOW_MS,
  value: Buffer.from("[1,[],2]"),
};
const packed = packEntry(entry);

test("a packed entry is unpacked unchanged", () => {
  expect(unpackEntry(packed, NOW_MS)).toEqual(entry);
  expect(unpackEntry(packed, NOW_MS + 5)).toEqual({ ...entry, receivedAtMs: NOW_MS + 5 });
  expect(packed).toHaveLength(HEADER_BYTES + entry.value.length);
});

test("an unpacked entry does not keep the reply's buffer in memory", () => {
  const reply = Buffer.concat([Buffer.alloc(60_000), packed]);
  const { value } = unpackEntry(reply.subarray(60_000), NOW_MS) ?? entry;
  expect(value).toEqual(entry.value);
  expect(value.buffer.byteLength).toBe(value.length);
});

describe("these bytes are not an entry:", () => {
  test.each([
    ["nothing", null],
    ["a text", packed.toString("latin1")],
    ["a number", 1],
    ["no bytes", Buffer.alloc(0)],
    ["other bytes", Buffer.from("x".repeat(200))],
    ["the old format", Buffer.concat([Buffer.from("mae1"), packed.subarray(4)])],
    ["bare JSON", entry.value],
    ["a longer one", Buffer.concat([packed, Buffer.from("]")])],
    ["one whose value was changed", Buffer.concat([packed.subarray(0, -1), Buffer.from("}")])],
    ["one from a time to come", packEntry({ ...entry, readAtMs: NOW_MS + CLOCK_SKEW_MS + 1 })],
    ["one whose time is over", packEntry({ ...entry, keptUntilMs: NOW_MS })],
  ])("%s", (_name, bytes) => {
    expect(unpackEntry(bytes, NOW_MS)).toBeNull();
  });

  test("an entry that is cut off anywhere", () => {
    for (let length = 0; length < packed.length; length += 1) {
      expect(unpackEntry(packed.subarray(0, length), NOW_MS)).toBeNull();
    }
  });
});

test("an entry is fresh for `freshMs`, and never with `freshMs` 0", () => {
  expect(isFreshEntry(entry, entry.readAtMs + entry.freshMs - 1)).toBe(true);
  expect(isFreshEntry(entry, entry.readAtMs + entry.freshMs)).toBe(false);
  expect(isFreshEntry({ ...entry, freshMs: 0 }, entry.readAtMs)).toBe(false);
});
