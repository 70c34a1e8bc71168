import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { isoTime } from "../../../src/paging/iso-time.js";

const TIME = fc.integer({
  min: Date.parse("0000-01-01T00:00:00Z"),
  max: Date.parse("9999-12-31T23:59:59.999Z"),
});

test("any moments of the years 0 to 9999 are written as Date writes them, one after the other", () => {
  fc.assert(
    fc.property(TIME, fc.array(fc.integer({ min: -90_000, max: 90_000 })), (first, steps) => {
      for (const step of [0, ...steps]) {
        expect(isoTime(first + step)).toBe(new Date(first + step).toISOString());
      }
    }),
  );
});
