import { LEVELS, type Level, SOURCES, type Source, type TrainingJobEvent } from "../training-job-event.js";
import { type EventsAnswer, type EventsRequest } from "./client.js";
import { type UnknownValue } from "./channels.js";
import { parseEventTime } from "./event-time.js";
import { isJsonObject } from "./json-object.js";

/** The problem of an answer: its place and kind, never the value. */
export type AnswerProblem = { readonly problem: string };

/** Callbacks for the parts of an answer that the gateway cannot read as documented. */
export type AnswerReports = {
  readonly onUnknownValue?: (unknown: UnknownValue) => void;
  /** Receives the number of events without the documented form, and the place and kind of the first problem. */
  readonly onMalformedRows?: (count: number, problem: string) => void;
};

/**
 * Checks and normalises the body of a 200, once; the result is typed. Written by hand because it runs for each row of
 * each cache miss. The documentation's tables and examples disagree on `total` (string, number). In the vendor's own
 * clients every field of an event except its time may be absent.
 *
 * One malformed event does not make the others unreadable. It keeps its place, so the ordinals of all others stay
 * right. Without a readable time it gets the time of the event before; the first ones of an answer are counted in
 * `untimed`. A message that is not text is shown as JSON.
 * @param mayBeUntimed true if an answer in which no event has a readable time is accepted (a part of a log). If false,
 *   such an answer is rejected
 */
export function readEventsAnswer(
  body: unknown,
  limit: number,
  reports: AnswerReports = {},
  mayBeUntimed = false,
): EventsAnswer | AnswerProblem {
  if (!isJsonObject(body)) return { problem: "the answer is not an object" };
  const total = readTotal(body["total"]);
  if (total === null) return { problem: "total is not a count" };
  const rows = body["events"] ?? [];
  if (!Array.isArray(rows)) return { problem: "events is not a list" };
  if (rows.length > limit) return { problem: "there are more events than requested" };
  const events: TrainingJobEvent[] = [];
  const unknown: unknown[][] = [];
  const problems: string[] = [];
  let isWithoutTime = false;
  for (const row of rows as unknown[]) {
    let event = readEvent(row, unknown);
    if (typeof event === "string") {
      problems.push(`events[${events.length}]${event}`);
      event = readMalformed(row);
      isWithoutTime ||= Number.isNaN(event.timeMs);
    }
    events.push(event);
  }
  const timed = isWithoutTime ? withTimes(events) : { events };
  if (!mayBeUntimed && timed.untimed === events.length && events.length > 0) {
    return { problem: problems[0] ?? "" };
  }
  const { onUnknownValue, onMalformedRows } = reports;
  if (onMalformedRows && problems.length > 0) onMalformedRows(problems.length, problems[0] ?? "");
  if (onUnknownValue && unknown.length > 0) reportUnknown(unknown, onUnknownValue);
  return { total, ...timed };
}

/** Whether a call reads only a part of a log: it does not start at the first row, or it reads a single row. */
export function isPartialRead({ offset, limit }: Pick<EventsRequest, "offset" | "limit">): boolean {
  return offset > 0 || limit === 1;
}

const MALFORMED_TEXT_MAX = 1_000;

/** Reads the valid parts of a malformed event; an invalid time becomes NaN. */
function readMalformed(row: unknown): TrainingJobEvent {
  const { time, message, level, source } = isJsonObject(row) ? row : { message: row };
  const text = message ?? "";
  return {
    timeMs: (typeof time === "string" ? parseEventTime(time) : null) ?? NaN,
    level: regardlessOfCase(LEVEL_OF, level),
    source: regardlessOfCase(SOURCE_OF, source),
    message: typeof text === "string" ? text : JSON.stringify(text).slice(0, MALFORMED_TEXT_MAX),
    levelText: textIn(level),
    sourceText: textIn(source),
  };
}

/** Fills in missing times: with the time of the event before, or, at the start, of the first event that has one. */
function withTimes(events: readonly TrainingJobEvent[]): Omit<EventsAnswer, "total"> {
  const first = events.findIndex(({ timeMs }) => !Number.isNaN(timeMs));
  let timeMs = events[first]?.timeMs ?? NaN;
  const timed = events.map((event) => {
    if (Number.isNaN(event.timeMs)) return { ...event, timeMs };
    ({ timeMs } = event);
    return event;
  });
  return { events: timed, untimed: first < 0 ? events.length : first };
}

/** The maximum of Java's `int`, the documented type. Larger numbers would break the arithmetic of pages. */
const TOTAL_MAX = 2 ** 31 - 1;

function readTotal(total: unknown): number | null {
  const count = typeof total === "string" && /^\d{1,16}$/.test(total) ? Number(total) : total;
  return typeof count === "number" && Number.isInteger(count) && count >= 0 && count <= TOTAL_MAX
    ? count
    : null;
}

/** Returns the event, or its problem as text. Adds each unknown value to `unknown`, as [field, value]. */
function readEvent(row: unknown, unknown: unknown[][]): TrainingJobEvent | string {
  if (!isJsonObject(row)) return " is not an object";
  const { time, message, level, source } = row;
  if (typeof time !== "string") return ".time is missing";
  const timeMs = parseEventTime(time);
  if (timeMs === null) return ".time is unreadable";
  const text = message ?? "";
  if (typeof text !== "string") return ".message is not a string";
  const knownLevel = LEVEL_OF.get(level) ?? regardlessOfCase(LEVEL_OF, level);
  const knownSource = SOURCE_OF.get(source) ?? regardlessOfCase(SOURCE_OF, source);
  if (knownLevel === null && level !== null && level !== undefined) unknown.push(["level", level]);
  if (knownSource === null && source !== null && source !== undefined) unknown.push(["source", source]);
  return {
    timeMs,
    level: knownLevel,
    source: knownSource,
    message: text,
    levelText: textIn(level),
    sourceText: textIn(source),
  };
}

/** The text of a level or source; a value that is not a string becomes JSON. */
function textIn(value: unknown): string | null {
  if (typeof value === "string") return value;
  return value === null || value === undefined ? null : JSON.stringify(value).slice(0, MALFORMED_TEXT_MAX);
}

/** The spellings of the documentation's example, found without a copy of the string, and those of the GraphQL enums. */
const LEVEL_OF = new Map<unknown, Level>([
  ["Info", "INFO"],
  ["Warning", "WARNING"],
  ["Error", "ERROR"],
  ...LEVELS.map((level) => [level, level] as const),
]);
const SOURCE_OF = new Map<unknown, Source>([
  ["Job", "JOB"],
  ["Task", "TASK"],
  ...SOURCES.map((source) => [source, source] as const),
]);

function regardlessOfCase<T>(known: ReadonlyMap<unknown, T>, value: unknown): T | null {
  return typeof value === "string" ? (known.get(value.toUpperCase()) ?? null) : null;
}

const UNKNOWN_VALUE_MAX = 40;

function reportUnknown(
  unknown: readonly (readonly unknown[])[],
  report: (unknown: UnknownValue) => void,
): void {
  for (const field of ["level", "source"] as const) {
    const counts = new Map<string, number>();
    for (const [of, value] of unknown) {
      if (of !== field) continue;
      const shown = typeof value === "string" ? value.slice(0, UNKNOWN_VALUE_MAX) : `(${typeof value})`;
      counts.set(shown, (counts.get(shown) ?? 0) + 1);
    }
    for (const [value, count] of counts) report({ field, value, count });
  }
}
