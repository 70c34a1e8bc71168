import { describe, expect, test } from "@jest/globals";
import { Kind } from "graphql";
import { DateTime } from "../../../../src/graphql/schema/types/date-time.js";
import { parseEventTime } from "../../../../src/modelarts/event-time.js";

describe("a DateTime argument", () => {
  test.each([
    ["2024-05-01T09:30:00Z", "2024-05-01T09:30:00.000Z"],
    ["2024-02-28T23:59:59.999Z", "2024-02-28T23:59:59.999Z"],
    ["2024-02-29T00:00:00.000Z", "2024-02-29T00:00:00.000Z"],
    ["2024-05-01T09:30:00.5+08:00", "2024-05-01T01:30:00.500Z"],
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
    ["2016-12-31t23:59:60z", "2017-01-01T00:00:00.000Z"],
    ["2016-12-31T15:59:60.25-08:00", "2017-01-01T00:00:00.250Z"],
  ])("%s is %s, as a variable, as a literal, and as an event's time", (text, expected) => {
    expect(DateTime.parseValue(text).toISOString()).toBe(expected);
    expect(DateTime.parseLiteral({ kind: Kind.STRING, value: text }).toISOString()).toBe(expected);
    expect(parseEventTime(text)).toBe(Date.parse(expected));
  });

  test("is written as JSON as the caller wrote it, and other texts of the same moment are the same moment", () => {
    const [short, long] = ["2024-05-01T09:30:00Z", "2024-05-01T09:30:00.000Z"].map((text) =>
      DateTime.parseValue(text),
    );
    expect(JSON.stringify({ short, long })).toBe(
      '{"short":"2024-05-01T09:30:00Z","long":"2024-05-01T09:30:00.000Z"}',
    );
    expect(short?.getTime()).toBe(long?.getTime());
  });

  test.each([
    "2023-02-29T00:00:00Z",
    "2024-04-31T00:00:00.000Z",
    "2024-13-01T00:00:00Z",
    "2024-05-01T24:00:00Z",
  ])("%j is invalid, as in the library", (text) => {
    expect(() => DateTime.parseValue(text)).toThrow("DateTime cannot represent");
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
