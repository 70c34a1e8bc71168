import { type View } from "./view.js";

type Zone = Pick<View, "isUtc" | "language">;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Creating a format takes longer than rendering a row, so each is created once. */
function formatOf(name: string, { isUtc, language }: Zone, options: Intl.DateTimeFormatOptions) {
  const key = `${name} ${language} ${isUtc}`;
  const made =
    formats.get(key) ??
    // Swedish writes dates as ISO 8601 does.
    new Intl.DateTimeFormat(language === "zh-cn" ? "zh-CN" : "sv-SE", {
      ...options,
      hourCycle: "h23",
      ...(isUtc && { timeZone: "UTC" }),
    });
  formats.set(key, made);
  return made;
}

const DAY = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
const MINUTE = { hour: "2-digit", minute: "2-digit" } as const;
const SECOND = { ...MINUTE, second: "2-digit" } as const;

export function timeText(time: string | number, zone: Zone): string {
  return formatOf("time", zone, { ...DAY, ...SECOND }).format(new Date(time));
}

export function clockText(time: string | number, zone: Zone): string {
  return formatOf("clock", zone, SECOND).format(new Date(time));
}

export function minuteText(time: string | number, zone: Zone): string {
  return formatOf("minute", zone, MINUTE).format(new Date(time));
}

export function dayText(time: string | number, zone: Zone): string {
  return formatOf("day", zone, { month: "2-digit", day: "2-digit" }).format(new Date(time));
}

/** Two times; the second one without its date if both dates are equal. */
export function rangeText(start: number, end: number, zone: Zone): string {
  const isOneDay = dayText(start, zone) === dayText(end, zone);
  return `${timeText(start, zone)} – ${isOneDay ? clockText(end, zone) : timeText(end, zone)}`;
}

/** The value of a field for date and time, to the second. */
export function fieldText(time: string, { isUtc }: Zone): string {
  const date = new Date(time);
  const shiftMs = isUtc ? 0 : date.getTimezoneOffset() * 60_000;
  return new Date(date.getTime() - shiftMs).toISOString().slice(0, 19);
}
