import { type MaybeAsync } from "../../common/maybe-async.js";
import { type EventId, isRepeatOf } from "../../paging/event-id.js";
import { rowAt } from "../../paging/mark.js";
import { KINDS } from "../../paging/row.js";
import { type EventLog } from "../event-log.js";
import { type LogReader } from "../reading/log-reader.js";
import { endOf } from "../segment.js";

/**
 * Whether a log can contain the event of an ID. A filter by message cannot be checked, because the ID has no message.
 */
export function mayHold({ request: { level, source, time } }: EventLog, { kind, timeMs }: EventId): boolean {
  const known = KINDS[kind];
  return (
    known !== undefined &&
    (level === null || level === known.level) &&
    (source === null || source === known.source) &&
    (time === null || (time.startMs <= timeMs && timeMs <= time.endMs))
  );
}

/**
 * Finds the event of an ID in a log.
 * @param older the number of events that are older than its second
 * @param sameLanguage whether messages can be compared; otherwise the first event of its level and source is used
 * @returns its ordinal; the ordinal of the last exact repeat if there are fewer repeats than the ID's rank; null if the
 *   event no longer exists
 */
export function* findEvent(
  reader: LogReader,
  event: EventId,
  older: number,
  sameLanguage: boolean,
): MaybeAsync<number | null> {
  let found: number | null = null;
  let rank = 0;
  for (let at = older; ;) {
    const run = yield* reader.rows(at, at);
    if (endOf(run) <= at || at < run.start) return found;
    for (; at < endOf(run); at += 1) {
      const row = rowAt(run, at);
      if (row.timeMs !== event.timeMs) return found;
      if (!sameLanguage && row.kind === event.kind) return at;
      if (!isRepeatOf(event, row)) continue;
      found = at;
      if (rank === event.rank) return found;
      rank += 1;
    }
  }
}
