import { type SimulatedEvent, toSecond } from "./jobs/event.js";
import { type EventLog } from "./jobs/event-log.js";
import { misread, misreport, refusesOffset, shuffleSeconds } from "./laws.js";
import { type EventsQuery } from "./parameters.js";
import { type Switches } from "./admin/switches.js";

/** The minutes east of Greenwich of an offset such as `+08:00`. */
const minutesOf = (utcOffset: string): number => {
  if (utcOffset === "Z") return 0;
  const [hours = "0", minutes = "0"] = utcOffset.slice(1).split(":");
  const east = Number(hours) * 60 + Number(minutes);
  return utcOffset.startsWith("-") ? -east : east;
};

/** Formats a moment as the service does: local time in seconds, and the offset. */
const timeWriter = (utcOffset: string): ((timeMs: number) => string) => {
  const shiftMs = minutesOf(utcOffset) * 60_000;
  let lastMs = NaN;
  let lastText = "";
  return (timeMs) => {
    const secondMs = toSecond(timeMs);
    if (secondMs === lastMs) return lastText;
    lastMs = secondMs;
    lastText = new Date(secondMs + shiftMs).toISOString().slice(0, 19) + utcOffset;
    return lastText;
  };
};

/** The message in the requested language. */
const messageIn = (event: SimulatedEvent, chinese: boolean): string | null =>
  chinese ? (event.messageZh ?? event.message) : event.message;

/** The rows that pass the filters of the query, oldest first. The case of levels and sources does not matter. */
const matching = (log: EventLog, query: EventsQuery, chinese: boolean): readonly SimulatedEvent[] => {
  const { level, source, pattern, time } = query;
  if (level === null && source === null && pattern === null && time === null) return log.rows;
  const [wantedLevel, wantedSource] = [level?.toLowerCase(), source?.toLowerCase()];
  return log.filtered(
    JSON.stringify([level, source, pattern, time, chinese]),
    (event) =>
      (time === null || (event.timeMs >= time.startMs && event.timeMs <= time.endMs)) &&
      (wantedLevel === undefined || event.level?.toLowerCase() === wantedLevel) &&
      (wantedSource === undefined || event.source?.toLowerCase() === wantedSource) &&
      (pattern === null || (messageIn(event, chinese)?.includes(pattern) ?? false)),
  );
};

/** The rows of the page; `desc` is the exact reverse of `asc`, also within one second. */
const slice = (rows: readonly SimulatedEvent[], query: EventsQuery, first: number): SimulatedEvent[] => {
  if (query.order === "asc") return rows.slice(first, first + query.limit);
  const end = Math.max(0, rows.length - first);
  return rows.slice(Math.max(0, end - query.limit), end).reverse();
};

/**
 * The body of a page, with its fields in the reference page's order. A time range is echoed to the second.
 * @returns null for an offset that the service refuses
 */
export const eventsPage = (
  log: EventLog,
  asked: EventsQuery,
  chinese: boolean,
  { pageOffsets, numbersAsStrings, utcOffset, emptyEvents, brokenLaws }: Switches,
): Record<string, unknown> | null => {
  const query = misread(asked, brokenLaws);
  const all = matching(log, query, chinese);
  const rows = brokenLaws.secondsShuffled ? shuffleSeconds(all) : all;
  const first = pageOffsets ? query.offset * asked.limit : query.offset;
  if (refusesOffset(first, rows.length, brokenLaws)) return null;
  const page = slice(rows, query, first);
  const count = numbersAsStrings ? String : Number;
  const write = timeWriter(utcOffset);
  const events = page.map((event) => ({
    time: write(event.timeMs),
    level: event.level,
    message: messageIn(event, chinese),
    source: event.source,
  }));
  const empty = { array: { events }, null: { events: null }, absent: {} }[emptyEvents];
  return {
    total: count(misreport(rows.length, page.length, brokenLaws)),
    limit: count(asked.limit),
    offset: count(asked.offset),
    order: asked.order,
    ...(asked.time && { start_time: write(asked.time.startMs), end_time: write(asked.time.endMs) }),
    ...(events.length > 0 ? { events } : empty),
  };
};
