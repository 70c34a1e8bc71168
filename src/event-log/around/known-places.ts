import { type MaybeAsync } from "../../common/maybe-async.js";
import { type LogReader } from "../reading/log-reader.js";
import { endOf } from "../segment.js";

/** The maximum number of remembered places for one state of a log. */
const PLACES_MAX = 16;

/** The number of events older than a moment, by the newest rows of the log. Other newest rows mean another state. */
const places = new WeakMap<object, Map<number, number>>();

/** The number of events older than a moment, if it was found before in the same state of the log; otherwise null. */
export function* knownPlace(reader: LogReader, timeMs: number): MaybeAsync<number | null> {
  const tail = yield* reader.knownTail();
  return tail === null ? null : (places.get(tail)?.get(timeMs) ?? null);
}

/** Remembers a place, if its rows and the newest rows come from the same state. */
export function* rememberPlace(reader: LogReader, timeMs: number, count: number): MaybeAsync<void> {
  const { newestTail: tail } = reader;
  if (tail === null || (yield* reader.total()) !== endOf(tail)) return;
  const known = places.get(tail) ?? new Map<number, number>();
  if (known.size >= PLACES_MAX) known.clear();
  known.set(timeMs, count);
  places.set(tail, known);
}
