import { GatewayError } from "../errors.js";
import { publish } from "../modelarts/channels.js";
import { type EventsAnswer, type EventsRequest } from "../modelarts/client.js";
import { INCONSISTENT_ANSWERS } from "../modelarts/upstream-error.js";
import { type TrainingJobEvent } from "../training-job-event.js";

/** A documented rule of the events API that an answer breaks. */
export type Law = "order" | "total" | "limit" | "offset" | "level" | "source" | "time";

/** The filters of a call; a null filter is not sent. */
type Filters = Pick<EventsRequest, "level" | "source" | "time">;

type Job = Pick<EventsRequest, "projectId" | "jobId">;

const SECOND_MS = 1_000;

/**
 * The rule that an answer to an ascending read breaks by itself; null where it breaks none. Only clear signs count:
 * rows of neighbouring seconds may come in another order without being a list in descending order.
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

/** Whether the times fall from the first row to the last and never rise. */
function isDescending(events: readonly TrainingJobEvent[]): boolean {
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined || first.timeMs <= last.timeMs) return false;
  return events.every((event, at) => event.timeMs <= (events[at - 1] ?? event).timeMs);
}

/** The filter that lets this row pass although it should not. The upstream's times have a resolution of a second. */
function brokenFilter({ level, source, time }: Filters, event: TrainingJobEvent): Law | null {
  if (level !== null && event.level !== null && event.level !== level) return "level";
  if (source !== null && event.source !== null && event.source !== source) return "source";
  if (time === null) return null;
  const isOutside = event.timeMs < time.startMs - SECOND_MS || event.timeMs > time.endMs + SECOND_MS;
  return isOutside ? "time" : null;
}

/**
 * Whether two answers to one call show a total that leaves rows out: both have more rows than they count, and the
 * later one still does not count the rows of the earlier one. A row that was written between counting and selecting
 * is counted the next time.
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

/** Whether two full reads at different offsets are the same rows: then the upstream ignores `offset`. */
export function isOffsetIgnored(
  first: readonly TrainingJobEvent[],
  later: readonly TrainingJobEvent[],
): boolean {
  const [oldest] = first;
  const newest = first.at(-1);
  // Rows of one second can be exact repeats of each other.
  if (oldest === undefined || newest === undefined || oldest.timeMs === newest.timeMs) return false;
  return (
    first.length === later.length &&
    first.every((row, at) => {
      const other = later[at];
      return other !== undefined && row.timeMs === other.timeMs && row.message === other.message;
    })
  );
}

/** The error of an answer that breaks a documented rule. What was read before may be wrong, too. */
export class LawBroken extends GatewayError {
  /** Reports the rule, so that a log line and a metric name it for operators. */
  constructor(law: Law, { projectId, jobId }: Job, requestId: string) {
    super("UPSTREAM_INVALID_RESPONSE", `ModelArts breaks its documented rule for \`${law}\`.`, {
      modelArts: INCONSISTENT_ANSWERS,
    });
    publish("gateway:modelarts:broken-law", { law, projectId, jobId, requestId });
  }
}
