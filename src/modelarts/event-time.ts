const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:Z|([+-])(\d{2})(?::?(\d{2}))?)$/i;

const MINUTE_MS = 60_000;
/** The times that RFC 3339 can express in UTC. */
const EARLIEST_MS = Date.parse("0000-01-01T00:00:00Z");
const LATEST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/**
 * Reads an event's time: ISO 8601 with any offset from UTC, to the millisecond. `Date.parse` is not strict enough: it
 * takes a time without offset as local time and 30 February as 2 March.
 * @returns milliseconds since the epoch; null if the text is not such a time, or not in the years 0 to 9999 of UTC
 */
export function parseEventTime(text: string): number | null {
  const parts = ISO_8601.exec(text);
  if (parts === null) return null;
  const year = Number(parts[1]);
  const month = Number(parts[2]);
  const day = Number(parts[3]);
  const hour = Number(parts[4]);
  const minute = Number(parts[5]);
  const second = Number(parts[6] ?? 0);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  // A leap second is valid; it becomes the next second.
  if (hour > 23 || minute > 59 || second > 60) return null;
  const offsetHours = Number(parts[9] ?? 0);
  const offsetMinutes = Number(parts[10] ?? 0);
  if (offsetHours > 23 || offsetMinutes > 59) return null;
  const fraction = parts[7];
  const ms = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, "0"));
  const offsetMs = (parts[8] === "-" ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * MINUTE_MS;
  // Date.UTC reads the years 0 to 99 as 1900 to 1999.
  const utc = year < 100 ? new Date(0).setUTCFullYear(year, month - 1, day) : Date.UTC(year, month - 1, day);
  const timeMs = utc + ((hour * 60 + minute) * 60 + second) * 1000 + ms - offsetMs;
  return timeMs >= EARLIEST_MS && timeMs <= LATEST_MS ? timeMs : null;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
