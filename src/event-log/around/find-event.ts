import { type MaybeAsync } from "../../common/maybe-async.js";
import { type EventId, isRepeatOf } from "../../paging/event-id.js";
import { rowAt } from "../../paging/mark.js";
import { KINDS } from "../../paging/row.js";
import { type EventLog } from "../event-log.js";
import { type LogReader } from "../reading/log-reader.js";
import { endOf } from "../segment.js";

/** Whether a log can hold an event, as far as its ID tells: what the message contains is not in it. */
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
 * @param older how many events are older than its second
 * @param sameLanguage whether messages can be compared; else the first event of its level and source is taken
 * @returns its ordinal; that of its last repeat where there are fewer repeats than the ID knows of; null where it is gone
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
