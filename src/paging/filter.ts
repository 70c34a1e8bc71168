import { GatewayError } from "../errors.js";
import { LEVELS, type Level, SOURCES, type Source, type TimeRangeMs } from "../training-job-event.js";

/** The longest `messageContains`, in UTF-16 units; the limit of the upstream's `pattern`. */
const MESSAGE_CONTAINS_MAX = 256;

/** The latest time that the upstream accepts, in milliseconds since the epoch: its years have four digits. */
const LATEST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** A filter in the form of the schema; an absent or null part does not filter. */
export type EventFilterInput = {
  readonly levels?: readonly Level[] | null;
  readonly sources?: readonly Source[] | null;
  readonly messageContains?: string | null;
  readonly time?: { readonly start?: Date | null; readonly end?: Date | null } | null;
};

/** A checked filter in canonical form: equivalent filters are deeply equal. */
export type EventFilter = {
  /** Sorted and without repeats; null is "any". */
  readonly levels: readonly Level[] | null;
  readonly sources: readonly Source[] | null;
  readonly messageContains: string | null;
  readonly time: TimeRangeMs | null;
};

/** The filter of a single log: the upstream accepts one level and one source at a time. */
export type LogFilter = {
  readonly level: Level | null;
  readonly source: Source | null;
  readonly messageContains: string | null;
  readonly time: TimeRangeMs | null;
};

/**
 * Checks a filter and brings it into canonical form.
 * @throws GatewayError BAD_USER_INPUT with the path of the invalid part
 */
export function parseFilter(input: EventFilterInput | null | undefined): EventFilter {
  return {
    levels: parseChoice(input?.levels, LEVELS, "filter.levels"),
    sources: parseChoice(input?.sources, SOURCES, "filter.sources"),
    messageContains: parseMessageContains(input?.messageContains),
    time: parseTime(input?.time),
  };
}

/** The single logs whose union the filter selects, at most four. Their fixed order decides between equal times. */
export function logFiltersOf(filter: EventFilter): LogFilter[] {
  const { messageContains, time } = filter;
  return (filter.levels ?? [null]).flatMap((level) =>
    (filter.sources ?? [null]).map((source) => ({ level, source, messageContains, time })),
  );
}

/** How many single logs a filter selects. */
export function logCountOf({ levels, sources }: Pick<EventFilter, "levels" | "sources">): number {
  return (levels?.length ?? 1) * (sources?.length ?? 1);
}

function parseChoice<T extends string>(
  chosen: readonly T[] | null | undefined,
  all: readonly T[],
  argument: string,
): readonly T[] | null {
  if (chosen === null || chosen === undefined) return null;
  if (chosen.length === 0) {
    throw new GatewayError(
      "BAD_USER_INPUT",
      `${argument} must have at least one value; leave it out for any value.`,
      {
        argument,
      },
    );
  }
  const distinct = all.filter((value) => chosen.includes(value));
  return distinct.length === all.length ? null : distinct;
}

function parseMessageContains(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  if (text.length < 1 || text.length > MESSAGE_CONTAINS_MAX) {
    throw new GatewayError(
      "BAD_USER_INPUT",
      `filter.messageContains must have 1 to ${MESSAGE_CONTAINS_MAX} UTF-16 units; it has ${text.length}.`,
      { argument: "filter.messageContains" },
    );
  }
  if (/\p{Surrogate}/u.test(text)) {
    throw new GatewayError(
      "BAD_USER_INPUT",
      "filter.messageContains contains an incomplete character (a lone surrogate).",
      {
        argument: "filter.messageContains",
      },
    );
  }
  return text;
}

function parseTime(time: EventFilterInput["time"]): TimeRangeMs | null {
  if (time === null || time === undefined) return null;
  const { start = null, end = null } = time;
  if (start === null && end === null) {
    throw new GatewayError("BAD_USER_INPUT", "filter.time must have a start or an end.", {
      argument: "filter.time",
    });
  }
  // The upstream requires both ends. A missing end gets a fixed value, so that equal filters share one log.
  const startMs = start?.getTime() ?? 0;
  const endMs = end?.getTime() ?? LATEST_MS;
  if (startMs > endMs) {
    throw new GatewayError("BAD_USER_INPUT", "filter.time.start must not be after filter.time.end.", {
      argument: "filter.time.start",
    });
  }
  if (endMs < 0 || startMs > LATEST_MS) {
    const argument = endMs < 0 ? "filter.time.end" : "filter.time.start";
    throw new GatewayError("BAD_USER_INPUT", `${argument} must be within the years 1970 to 9999.`, {
      argument,
    });
  }
  return { startMs: Math.max(0, startMs), endMs: Math.min(LATEST_MS, endMs) };
}
