import { describe, expect, test } from "@jest/globals";
import { Kind } from "graphql";
import { DateTime } from "../../../../src/graphql/schema/types/date-time.js";
import { parseEventTime } from "../../../../src/modelarts/event-time.js";

describe("a DateTime argument", () => {
  test.each([
    ["2024-05-01T09:30:00Z", "2024-05-01T09:30:00.000Z"],
    ["2024-05-01T09:30:00.5+08:00", "2024-05-01T01:30:00.500Z"],
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
    ["2016-12-31t23:59:60z", "2017-01-01T00:00:00.000Z"],
    ["2016-12-31T15:59:60.25-08:00", "2017-01-01T00:00:00.250Z"],
  ])("%s is %s, as a variable, as a literal, and as an event's time", (text, expected) => {
    expect(DateTime.parseValue(text).toISOString()).toBe(expected);
    expect(DateTime.parseLiteral({ kind: Kind.STRING, value: text }).toISOString()).toBe(expected);
    expect(parseEventTime(text)).toBe(Date.parse(expected));
  });

  test.each(["2016-12-31T23:59:61Z", "2016-02-30T23:59:60Z", "2016-12-31T23:59:60", "x:60Z", ""])(
    "%j is invalid",
    (text) => {
      expect(() => DateTime.parseValue(text)).toThrow("DateTime cannot represent");
      expect(() => DateTime.parseLiteral({ kind: Kind.STRING, value: text })).toThrow(
        "DateTime cannot represent",
      );
    },
  );
});
