import { GatewayError } from "../errors.js";
import { type Law, publish } from "../modelarts/channels.js";
import { type EventsAnswer, type EventsRequest } from "../modelarts/client.js";
import { INCONSISTENT_ANSWERS } from "../modelarts/upstream-error.js";
import { isoTime } from "../paging/iso-time.js";
import { type TrainingJobEvent } from "../training-job-event.js";
import { BLOCK_ROWS, type BlockRef, isTail } from "./geometry.js";
import { isSameRow } from "./segment.js";

/** The filters of a call; a null filter is not sent. */
type Filters = Pick<EventsRequest, "level" | "source" | "time">;

type Job = Pick<EventsRequest, "projectId" | "jobId">;

const SECOND_MS = 1_000;

/**
 * The rule that a single answer to an ascending read breaks; null if it breaks none. Only clear signs count: a
 * different order of rows in neighbouring seconds does not mean that the list is descending.
 */
export function brokenLaw(filters: Filters, { total, events }: EventsAnswer): Law | null {
  if (events.length > 0 && total === 0) return "total";
  if (isDescending(events)) return "order";
  for (const event of events) {
    const law = brokenFilter(filters, event);
    if (law !== null) return law;
  }
  return null;
}

/** Whether the times decrease from the first row to the last and never increase. */
function isDescending(events: readonly TrainingJobEvent[]): boolean {
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined || first.timeMs <= last.timeMs) return false;
  return events.every((event, at) => event.timeMs <= (events[at - 1] ?? event).timeMs);
}

/** The filter that this row does not match. The upstream's times have a resolution of one second. */
function brokenFilter({ level, source, time }: Filters, event: TrainingJobEvent): Law | null {
  if (level !== null && event.level !== null && event.level !== level) return "level";
  if (source !== null && event.source !== null && event.source !== source) return "source";
  if (time === null) return null;
  const isOutside = event.timeMs < time.startMs - SECOND_MS || event.timeMs > time.endMs + SECOND_MS;
  return isOutside ? "time" : null;
}

/**
 * Whether two answers to one call show a total that omits rows: both have more rows than their total, and the total of
 * the later one still does not include the rows of the earlier one. A row that the upstream wrote between counting and
 * selecting is included the next time.
 * @param start the ordinal of the first row of both answers
 */
export function isTotalTooSmall(start: number, first: EventsAnswer, second: EventsAnswer): boolean {
  const end = (answer: EventsAnswer): number => start + answer.events.length;
  return end(first) > first.total && end(second) > second.total && second.total < end(first);
}

/** Whether an answer has more rows than its total allows. */
export function exceedsTotal(start: number, { total, events }: EventsAnswer): boolean {
  return events.length > 0 && start + events.length > total;
}

/**
 * Whether the answer to the reading of a block is full and ends at its total. Any other answer up to the end has room
 * for rows beyond its total, which show that the total is too small. A log of one block, and a tail, are checked when
 * the head is renewed.
 */
export function isFullAtEnd(ref: BlockRef, { total, events }: EventsAnswer): boolean {
  const { start } = ref;
  return !isTail(ref) && start > 0 && events.length === BLOCK_ROWS && start + BLOCK_ROWS === total;
}

/** Texts that have the same meaning in each kind of pattern. Digits alone can also match the time as it was sent. */
const PLAIN_PATTERN = /^(?=.*[a-z])[a-z0-9]+$/i;

/**
 * Whether rows of an answer do not contain the pattern, so that it may have been ignored. A pattern can match any part
 * of an event, also a message in the language in which it was written.
 */
export function isPatternDoubtful(
  { messageContains, language }: Pick<EventsRequest, "messageContains" | "language">,
  { events }: EventsAnswer,
): boolean {
  if (messageContains === null || language === "zh-cn" || !PLAIN_PATTERN.test(messageContains)) return false;
  const text = messageContains.toLowerCase();
  return events.some(({ message, levelText, sourceText, level, source, timeMs }) => {
    const time = Number.isNaN(timeMs) ? null : isoTime(timeMs);
    const parts = [message, levelText ?? level, sourceText ?? source, time];
    return !parts.some((part) => part?.toLowerCase().includes(text));
  });
}

/** Whether a list begins with these rows. */
export function startsWith(list: readonly TrainingJobEvent[], rows: readonly TrainingJobEvent[]): boolean {
  return rows.every((row, at) => {
    const other = list[at];
    return other !== undefined && isSameRow(row, other);
  });
}

/** Whether two full reads at different offsets have the same rows. Then the upstream ignores `offset`. */
export function isOffsetIgnored(
  first: readonly TrainingJobEvent[],
  later: readonly TrainingJobEvent[],
): boolean {
  const [oldest] = first;
  const newest = first.at(-1);
  // Rows of one second can be exact repeats.
  if (oldest === undefined || newest === undefined || oldest.timeMs === newest.timeMs) return false;
  return (
    first.length === later.length &&
    first.every((row, at) => {
      const other = later[at];
      return other !== undefined && row.timeMs === other.timeMs && row.message === other.message;
    })
  );
}

/** The error of an answer that breaks a documented rule. Earlier readings can also be wrong. */
export class LawBroken extends GatewayError {
  /** Reports the rule, for a log line and a metric. */
  constructor(law: Law, { projectId, jobId }: Job, requestId: string) {
    super("UPSTREAM_INVALID_RESPONSE", `ModelArts breaks its documented rule for \`${law}\`.`, {
      modelArts: INCONSISTENT_ANSWERS,
    });
    publish("gateway:modelarts:broken-law", { law, projectId, jobId, requestId });
  }
}
