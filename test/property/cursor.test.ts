import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { GatewayError } from "../../src/errors.js";
import {
  type Cursor,
  CursorScope,
  decodeCursor,
  encodeCursor,
  encodeSingle,
  type Position,
} from "../../src/paging/cursor.js";

const RUNS = 10_000;
const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const scope = fc.tuple(uint(32), uint(32)).map(([job, filter]) => new CursorScope(job, filter));
const position: fc.Arbitrary<Position> = fc.record({
  ordinal: fc.oneof(uint(7), uint(20), fc.integer({ min: 0, max: 2 ** 31 - 2 })),
  mark: fc.record({
    timeMs: fc.integer({
      min: Date.parse("0000-01-01T00:00:00Z"),
      max: Date.parse("9999-12-31T23:59:59.999Z"),
    }),
    kind: uint(4),
    message: uint(32),
    rank: fc.integer({ min: 0, max: 99 }),
    kindRank: fc.integer({ min: 0, max: 99 }),
    context: uint(16),
  }),
});
const cursor: fc.Arbitrary<Cursor> = fc
  .array(fc.option(position), { minLength: 1, maxLength: 4 })
  .chain((positions) =>
    fc.record({
      log: fc.nat({ max: positions.length - 1 }),
      positions: fc.constant(positions),
      language: fc.constantFrom(null, "en-us" as const, "zh-cn" as const),
      isInclusive: fc.boolean(),
    }),
  )
  .filter(({ log, positions }) => positions[log] !== null);

const decode = (of: CursorScope, logs: number, text: string) =>
  decodeCursor(of, logs, { cursor: text, argument: "after" });

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof GatewayError && error.code === "INVALID_CURSOR") return error.message;
    throw error;
  }
  return "taken";
}

test("a cursor is decoded unchanged, is URL-safe, and is short for a single log", () => {
  fc.assert(
    fc.property(scope, cursor, (of, value) => {
      const text = encodeCursor(of, value);
      expect(decode(of, value.positions.length, text)).toEqual(value);
      expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
      const [only] = value.positions;
      if (value.positions.length > 1 || !only) return;
      expect(text.length).toBeLessThanOrEqual(64);
      if (value.isInclusive) return;
      expect(encodeSingle(of, value.language, only.ordinal, only.mark)).toBe(text);
    }),
    { numRuns: RUNS },
  );
});

test("a cursor of another job or filter is refused, and the error says which", () => {
  fc.assert(
    fc.property(scope, scope, cursor, (of, other, value) => {
      const text = encodeCursor(of, value);
      const logs = value.positions.length;
      if (other.job !== of.job) {
        expect(refusal(() => decode(other, logs, text))).toContain("another training job or project");
      }
      if (other.filter !== of.filter) {
        expect(refusal(() => decode(new CursorScope(of.job, other.filter), logs, text))).toContain(
          "another filter",
        );
      }
    }),
    { numRuns: RUNS },
  );
});

test("a cursor with any character changed, added or removed is refused as malformed", () => {
  const alphabet = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ é");
  fc.assert(
    fc.property(
      scope,
      cursor,
      fc.nat(),
      fc.constantFrom(...alphabet),
      fc.constantFrom("change", "add", "take"),
      (of, value, seed, character, kind) => {
        const text = encodeCursor(of, value);
        const at = seed % text.length;
        const rest = kind === "add" ? text.slice(at) : text.slice(at + 1);
        const broken = text.slice(0, at) + (kind === "take" ? "" : character) + rest;
        if (broken === text) return;
        expect(refusal(() => decode(of, value.positions.length, broken))).toContain("malformed");
      },
    ),
    { numRuns: RUNS },
  );
});

test("any other text is refused as malformed", () => {
  fc.assert(
    fc.property(
      scope,
      fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: "binary" })),
      (of, text) => {
        expect(refusal(() => decode(of, 1, text))).toContain("malformed");
      },
    ),
    { numRuns: RUNS },
  );
});
