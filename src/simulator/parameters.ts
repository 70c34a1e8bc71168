/** The query of one call, checked. Times are milliseconds since the epoch. */
export type EventsQuery = {
  readonly offset: number;
  readonly limit: number;
  readonly order: "asc" | "desc";
  readonly time: { readonly startMs: number; readonly endMs: number } | null;
  readonly level: string | null;
  readonly pattern: string | null;
  readonly source: string | null;
};

const LEVELS = ["Info", "Error", "Warning"];
const SOURCES = ["K8S", "Job", "Task"];
const MAX_PATTERN = 256;
const MAX_INT32 = 2_147_483_647;
/** The last moment whose year has four digits, so that the answer can contain it. */
const MAX_TIME_MS = Date.UTC(10_000, 0) - 1;

/** The parameter as an integer in its range; its default if absent; null if invalid. */
const whole = (text: string | null, absent: number, min: number, max: number): number | null => {
  if (text === null) return absent;
  if (!/^\d{1,15}$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
};

const timeRange = (start: string | null, end: string | null): EventsQuery["time"] | undefined => {
  if (start === null && end === null) return null;
  const startMs = whole(start, -1, 0, MAX_TIME_MS);
  const endMs = whole(end, -1, 0, MAX_TIME_MS);
  if (startMs === null || endMs === null || startMs < 0 || endMs < startMs) return undefined;
  return { startMs, endMs };
};

/**
 * Reads the documented parameters of the events API; null if one of them is invalid.
 * Unknown parameters are ignored. The documentation does not name the default of `order`. Here it is newest first, as in
 * the example of the reference page.
 */
export const readParameters = (query: URLSearchParams): EventsQuery | null => {
  const offset = whole(query.get("offset"), 0, 0, MAX_INT32);
  const limit = whole(query.get("limit"), 50, 1, 100);
  const order = query.get("order") ?? "desc";
  const time = timeRange(query.get("start_time"), query.get("end_time"));
  const level = query.get("level");
  const pattern = query.get("pattern");
  const source = query.get("source");
  if (offset === null || limit === null || time === undefined) return null;
  if (order !== "asc" && order !== "desc") return null;
  if (level !== null && !LEVELS.includes(level)) return null;
  if (source !== null && !SOURCES.includes(source)) return null;
  if (pattern !== null && pattern.length > MAX_PATTERN) return null;
  return { offset, limit, order, time, level, pattern: pattern === "" ? null : pattern, source };
};
