import { type MaybeAsync } from "../../common/maybe-async.js";
import { type LogReader } from "../reading/log-reader.js";
import { endOf } from "../segment.js";

/** So many places are remembered of one state of a log. */
const PLACES_MAX = 16;

/** How many events are older than a moment, by the newest rows of the log: other rows are another state of it. */
const places = new WeakMap<object, Map<number, number>>();

/** How many events are older than a moment, if that was found before and the log is the same; else null. */
export function* knownPlace(reader: LogReader, timeMs: number): MaybeAsync<number | null> {
  const tail = yield* reader.knownTail();
  return tail === null ? null : (places.get(tail)?.get(timeMs) ?? null);
}

/** Remembers a place, if the rows that show it are of the state that the newest rows are of. */
export function* rememberPlace(reader: LogReader, timeMs: number, count: number): MaybeAsync<void> {
  const { newestTail: tail } = reader;
  if (tail === null || (yield* reader.total()) !== endOf(tail)) return;
  const known = places.get(tail) ?? new Map<number, number>();
  if (known.size >= PLACES_MAX) known.clear();
  known.set(timeMs, count);
  places.set(tail, known);
}
