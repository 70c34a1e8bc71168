import { describe, expect, test } from "@jest/globals";
import { type UnknownValue } from "../../../src/modelarts/channels.js";
import { readEventsAnswer } from "../../../src/modelarts/events-answer.js";

const time = "2022-11-26T16:03:41+08:00";
const timeMs = Date.UTC(2022, 10, 26, 8, 3, 41);

function oneRow(row: unknown): unknown {
  return readEventsAnswer({ total: 1, events: [row] }, 100);
}

describe("a good answer", () => {
  test("becomes typed events", () => {
    const body = {
      total: 2,
      limit: 50,
      offset: 0,
      order: "asc",
      events: [
        { time, level: "Error", message: "Training job failed.", source: "Job" },
        { time: "2022-11-26T08:03:42.5Z", level: "Info", message: "Pulled", source: "K8s", extra: 1 },
      ],
    };
    expect(readEventsAnswer(body, 50)).toEqual({
      total: 2,
      events: [
        {
          timeMs,
          level: "ERROR",
          source: "JOB",
          message: "Training job failed.",
          levelText: "Error",
          sourceText: "Job",
        },
        {
          timeMs: timeMs + 1500,
          level: "INFO",
          source: "K8S",
          message: "Pulled",
          levelText: "Info",
          sourceText: "K8s",
        },
      ],
    });
  });

  test.each([
    [27, 27],
    [0, 0],
    ["27", 27],
    ["0", 0],
    ["007", 7],
    [2147483647, 2147483647],
    ["2147483647", 2147483647],
  ])("total %j is %d", (total, expected) => {
    expect(readEventsAnswer({ total, events: [] }, 100)).toEqual({ total: expected, events: [] });
  });

  test.each([[undefined], [null], [[]]])("events %j count as none", (events) => {
    expect(readEventsAnswer({ total: 3, events }, 100)).toEqual({ total: 3, events: [] });
  });

  test.each([
    ["INFO", "INFO"],
    ["info", "INFO"],
    ["iNFO", "INFO"],
    ["Warning", "WARNING"],
    ["WARNING", "WARNING"],
    ["error", "ERROR"],
    [null, null],
    [undefined, null],
  ])("level %j is %j", (level, expected) => {
    expect(oneRow({ time, level })).toEqual({
      total: 1,
      events: [
        { timeMs, level: expected, source: null, message: "", levelText: level ?? null, sourceText: null },
      ],
    });
  });

  test.each([
    ["K8S", "K8S"],
    ["K8s", "K8S"],
    ["k8s", "K8S"],
    ["Job", "JOB"],
    ["JOB", "JOB"],
    ["task", "TASK"],
    ["Task", "TASK"],
    [null, null],
    [undefined, null],
  ])("source %j is %j", (source, expected) => {
    expect(oneRow({ time, source })).toEqual({
      total: 1,
      events: [
        { timeMs, level: null, source: expected, message: "", levelText: null, sourceText: source ?? null },
      ],
    });
  });

  test.each([[null], [undefined]])("message %j is empty", (message) => {
    expect(oneRow({ time, message })).toEqual({
      total: 1,
      events: [{ timeMs, level: null, source: null, message: "", levelText: null, sourceText: null }],
    });
  });

  test("as many events as requested are valid, one more is not", () => {
    const events = [{ time }, { time }];
    expect(readEventsAnswer({ total: 9, events }, 2)).toMatchObject({ total: 9 });
    expect(readEventsAnswer({ total: 9, events }, 1)).toEqual({
      problem: "there are more events than requested",
    });
  });
});

describe("an answer of another form", () => {
  test.each([
    [null, "the answer is not an object"],
    [[], "the answer is not an object"],
    ["text", "the answer is not an object"],
    [{}, "total is not a count"],
    [{ total: null, events: [] }, "total is not a count"],
    [{ total: -1, events: [] }, "total is not a count"],
    [{ total: 1.5, events: [] }, "total is not a count"],
    [{ total: 2 ** 31, events: [] }, "total is not a count"],
    [{ total: "2147483648", events: [] }, "total is not a count"],
    [{ total: 2 ** 53, events: [] }, "total is not a count"],
    [{ total: "", events: [] }, "total is not a count"],
    [{ total: "-1", events: [] }, "total is not a count"],
    [{ total: "1e3", events: [] }, "total is not a count"],
    [{ total: " 1", events: [] }, "total is not a count"],
    [{ total: true, events: [] }, "total is not a count"],
    [{ total: 1, events: {} }, "events is not a list"],
    [{ total: 1, events: "none" }, "events is not a list"],
    [{ total: 1, events: [null] }, "events[0] is not an object"],
    [{ total: 1, events: [[]] }, "events[0] is not an object"],
    [{ total: 1, events: [{}] }, "events[0].time is missing"],
    [{ total: 1, events: [{ time: null }] }, "events[0].time is missing"],
    [{ total: 1, events: [{ time: 1669449696964 }] }, "events[0].time is missing"],
    [{ total: 1, events: [{ time: "yesterday" }] }, "events[0].time is unreadable"],
  ])("%j: %s", (body, problem) => {
    expect(readEventsAnswer(body, 100)).toEqual({ problem });
  });
});

describe("a malformed event among valid ones", () => {
  const later = "2022-11-26T16:03:43+08:00";
  const shown = { level: null, source: null };

  test.each([
    ["row", { timeMs, ...shown, message: "row" }, "events[1] is not an object"],
    [null, { timeMs, ...shown, message: "" }, "events[1] is not an object"],
    [{}, { timeMs, ...shown, message: "" }, "events[1].time is missing"],
    [
      { time: "2022-11-26T16:03:41", level: "error", source: "Task", message: "text" },
      { timeMs, level: "ERROR", source: "TASK", message: "text", levelText: "error", sourceText: "Task" },
      "events[1].time is unreadable",
    ],
    [
      { time: later, message: { a: 1 } },
      { timeMs: timeMs + 2000, ...shown, message: '{"a":1}' },
      "events[1].message is not a string",
    ],
    [
      { time: later, message: 7 },
      { timeMs: timeMs + 2000, ...shown, message: "7" },
      "events[1].message is not a string",
    ],
  ])("%j keeps its place and is reported", (row, expected, problem) => {
    const reports: unknown[] = [];
    const body = { total: 3, events: [{ time }, row, { time: later }] };
    const answer = readEventsAnswer(body, 100, {
      onMalformedRows: (count, first) => reports.push([count, first]),
    });
    expect(answer).toMatchObject({ total: 3, events: [{ timeMs }, expected, { timeMs: timeMs + 2000 }] });
    expect(reports).toEqual([[1, problem]]);
  });

  test("at the start gets the time of the first readable one", () => {
    const body = { total: 3, events: [{}, { time: "soon" }, { time: later }] };
    const times = {
      events: [{ timeMs: timeMs + 2000 }, { timeMs: timeMs + 2000 }, { timeMs: timeMs + 2000 }],
    };
    expect(readEventsAnswer(body, 100)).toMatchObject(times);
  });

  test("a long message is cut", () => {
    const body = { total: 2, events: [{ time }, { time, message: ["x".repeat(5_000)] }] };
    const answer = readEventsAnswer(body, 100);
    expect("events" in answer && answer.events[1]?.message.length).toBe(1_000);
  });
});

describe("unknown values", () => {
  test("become null and are reported, once for each value", () => {
    const seen: UnknownValue[] = [];
    const events = [
      { time, level: "Fatal", source: "Node" },
      { time, level: "Fatal", source: "Job" },
      { time, level: "x".repeat(100), source: 7 },
      { time, level: {}, source: "" },
    ];
    expect(
      readEventsAnswer({ total: 4, events }, 100, { onUnknownValue: (unknown) => seen.push(unknown) }),
    ).toEqual({
      total: 4,
      events: [
        { timeMs, level: null, source: null, message: "", levelText: "Fatal", sourceText: "Node" },
        { timeMs, level: null, source: "JOB", message: "", levelText: "Fatal", sourceText: "Job" },
        { timeMs, level: null, source: null, message: "", levelText: "x".repeat(100), sourceText: "7" },
        { timeMs, level: null, source: null, message: "", levelText: "{}", sourceText: "" },
      ],
    });
    expect(seen).toEqual([
      { field: "level", value: "Fatal", count: 2 },
      { field: "level", value: "x".repeat(40), count: 1 },
      { field: "level", value: "(object)", count: 1 },
      { field: "source", value: "Node", count: 1 },
      { field: "source", value: "(number)", count: 1 },
      { field: "source", value: "", count: 1 },
    ]);
  });
});
