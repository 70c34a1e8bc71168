import { describe, expect, test } from "@jest/globals";
import { GatewayError } from "../../../src/errors.js";
import { type EventFilterInput, logFiltersOf, parseFilter } from "../../../src/paging/filter.js";

const range = (start: string, end: string): EventFilterInput => ({
  time: { start: new Date(start), end: new Date(end) },
});

function argumentAtFault(input: EventFilterInput): string | undefined {
  try {
    parseFilter(input);
  } catch (error) {
    if (error instanceof GatewayError && error.code === "BAD_USER_INPUT") return error.details.argument;
    throw error;
  }
  return "none";
}

describe("equivalent filters are equal", () => {
  test.each<[EventFilterInput | null, EventFilterInput]>([
    [null, {}],
    [{ levels: null, sources: null, messageContains: null, time: null }, {}],
    [{ levels: ["ERROR", "INFO", "WARNING"] }, {}],
    [{ levels: ["ERROR", "INFO", "ERROR"] }, { levels: ["INFO", "ERROR"] }],
    [{ sources: ["TASK", "K8S", "JOB", "TASK"] }, {}],
    [
      range("0001-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
      range("1970-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
    ],
  ])("%j and %j", (one, other) => {
    expect(parseFilter(one)).toEqual(parseFilter(other));
  });
});

test("a filter is the union of at most four single logs, in a fixed order", () => {
  const filter = parseFilter({ levels: ["ERROR", "INFO"], sources: ["TASK", "JOB"] });
  expect(logFiltersOf(filter).map(({ level, source }) => [level, source])).toEqual([
    ["INFO", "JOB"],
    ["INFO", "TASK"],
    ["ERROR", "JOB"],
    ["ERROR", "TASK"],
  ]);
  expect(logFiltersOf(parseFilter(null))).toHaveLength(1);
});

test("an open range has the limits of the upstream", () => {
  const { time } = parseFilter(range("0001-01-01T00:00:00Z", "+010000-01-01T00:00:00Z"));
  expect(time).toEqual({ startMs: 0, endMs: Date.parse("9999-12-31T23:59:59.999Z") });
});

test.each<[string, EventFilterInput]>([
  ["filter.levels", { levels: [] }],
  ["filter.sources", { sources: [] }],
  ["filter.messageContains", { messageContains: "" }],
  ["filter.messageContains", { messageContains: "x".repeat(257) }],
  ["filter.messageContains", { messageContains: "\ud83d" }],
  ["filter.time.start", range("2024-01-02T00:00:00Z", "2024-01-01T00:00:00Z")],
  ["filter.time.end", range("1960-01-01T00:00:00Z", "1969-12-31T23:59:59Z")],
  ["filter.time.start", range("+010000-01-01T00:00:00Z", "+010000-01-02T00:00:00Z")],
  ["none", { messageContains: `${"x".repeat(254)}😀` }],
  ["none", range("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z")],
])("the error names the argument %s", (argument, input) => {
  expect(argumentAtFault(input)).toBe(argument);
});
