import { sum } from "../../common/sum.js";
import { allOf, type MaybeAsync } from "../../common/maybe-async.js";
import { GatewayError } from "../../errors.js";
import { olderThan, rowsAround, type Sides, sidesOf, takeAround } from "../../paging/around.js";
import { type EventPage } from "../../paging/connection.js";
import { type EventId } from "../../paging/event-id.js";
import { ID_REACH, rowAt, type RowRun } from "../../paging/mark.js";
import { type Cut, type Page } from "../../paging/window.js";
import { type LogReader } from "../reading/log-reader.js";
import { readOneState } from "../reading/one-state.js";
import { isAnyStale, type PagePlan, reachOf, readRuns, tailsOf, totalsOf } from "../reading/read-page.js";
import { giveIds, NO_ROWS, shapePage, timesIn } from "../reading/shape-page.js";
import { countOlder, guessOlder } from "./count-older.js";
import { findEvent, mayHold } from "./find-event.js";
import { knownPlace, rememberPlace } from "./known-places.js";
import { prefetchAround } from "./prefetch.js";

/** The place of a page around a time or an event, with the event's ID decoded. */
export type Place =
  | { readonly kind: "time"; readonly timeMs: number }
  | { readonly kind: "event"; readonly id: EventId; readonly argument: string };

/** The number of events of a second that are read in the first round to find an event. */
const SECOND_ROWS = 20;

/**
 * Reads a page around a place, one reader for each log of the filter.
 * @param openAllMessages opens the same log without its filter by the message
 * @throws LogChanged, OffsetUnitChanged if the page must start again with new readers
 * @throws GatewayError
 */
export function* readAround(
  plan: PagePlan,
  place: Place,
  readers: readonly LogReader[],
  openAllMessages: (log: LogReader) => LogReader,
): MaybeAsync<EventPage> {
  const cut =
    place.kind === "time"
      ? yield* cutAtTime(plan, readers, place.timeMs)
      : yield* cutAtEvent(plan, readers, place, openAllMessages);
  const newest = yield* totalsOf(readers);
  const { part, totals, asOfMs } = yield* readOneState(readers, newest, (current) =>
    readSides(plan, readers, sidesOf(plan.request, cut, current)),
  );
  const totalCount = sum(totals);
  const state = { totals, totalCount, asOfMs, isStale: isAnyStale(readers), tails: tailsOf(plan, readers) };
  return shapePage(plan, part.page, part.runs, state);
}

function* readSides(
  plan: PagePlan,
  readers: readonly LogReader[],
  sides: Sides,
): MaybeAsync<{ page: Page; runs: readonly RowRun[] }> {
  const runs = yield* readRuns(readers, (log) => rowsAround(sides, log), reachOf(plan));
  return { page: takeAround(sides, timesIn(runs)), runs };
}

function cutAtTime(plan: PagePlan, readers: readonly LogReader[], timeMs: number): MaybeAsync<Cut> {
  const bound = olderThan(timeMs, plan.request.order);
  return cutAt(
    plan,
    readers,
    readers.map(() => bound),
    0,
  );
}

/** The cut before all events that are not older than the bound of their log. Reads the rows around it. */
function* cutAt(
  { request }: PagePlan,
  readers: readonly LogReader[],
  bounds: readonly number[],
  moreRows: number,
): MaybeAsync<Cut> {
  const boundOf = (log: number): number => bounds[log] ?? 0;
  const known = yield* allOf(readers.map((reader, log) => knownPlace(reader, boundOf(log))));
  if (known.every((count) => count !== null)) return known;
  const guesses = yield* allOf(readers.map((reader, log) => guessOlder(reader, boundOf(log))));
  yield* prefetchAround(readers, request, guesses, moreRows);
  const counts = yield* allOf(
    readers.map((reader, log) => countOlder(reader, boundOf(log), guesses[log] ?? 0)),
  );
  yield* allOf(readers.map((reader, log) => rememberPlace(reader, boundOf(log), counts[log] ?? 0)));
  return counts;
}

function* cutAtEvent(
  plan: PagePlan,
  readers: readonly LogReader[],
  { id, argument }: Extract<Place, { kind: "event" }>,
  openAllMessages: (log: LogReader) => LogReader,
): MaybeAsync<Cut> {
  const { timeMs, language } = id;
  const isOldestFirst = plan.request.order === "OLDEST_FIRST";
  const own = readers.findIndex(({ log }) => mayHold(log, id));
  const reader = readers[own];
  if (reader === undefined) return yield* cutAtTime(plan, readers, timeMs);
  // Events of one second have the order of their logs.
  const bounds = readers.map((_, log) => (log < own ? timeMs + 1 : timeMs));
  const cut = yield* cutAt(plan, readers, bounds, SECOND_ROWS);
  const sameLanguage = language === plan.language;
  const at = yield* findEvent(reader, id, cut[own] ?? 0, sameLanguage);
  if (at !== null) return cut.map((count, log) => (log !== own ? count : isOldestFirst ? at : at + 1));
  if (!sameLanguage || (yield* isFilteredOut(reader, id, openAllMessages))) {
    return yield* cutAtTime(plan, readers, timeMs);
  }
  if (!reader.isFirstHand) reader.readAnew();
  throw new GatewayError("CURSOR_EXPIRED", `ModelArts no longer has the event of ${argument}.`, {
    argument,
    resumeCursor: yield* nearestId(plan, readers, timeMs),
  });
}

/** Whether an event that is not in a log exists, and only does not match the log's filter by message. */
function* isFilteredOut(
  reader: LogReader,
  id: EventId,
  openAllMessages: (log: LogReader) => LogReader,
): MaybeAsync<boolean> {
  if (reader.log.request.messageContains === null) return false;
  const all = openAllMessages(reader);
  const older = yield* countOlder(all, id.timeMs, yield* guessOlder(all, id.timeMs));
  if ((yield* findEvent(all, id, older, true)) !== null) return true;
  if (!all.isFirstHand) all.readAnew();
  return false;
}

/** The ID of the first event after a time in the order of the list; if there is none, of the last event before it. */
function* nearestId(
  plan: PagePlan,
  readers: readonly LogReader[],
  timeMs: number,
): MaybeAsync<string | null> {
  const { order } = plan.request;
  const cut = yield* cutAtTime(plan, readers, timeMs);
  const sides = sidesOf({ order, size: 1 }, cut, yield* totalsOf(readers));
  const runs = yield* readRuns(readers, (log) => rowsAround(sides, log), ID_REACH);
  const page = takeAround(sides, timesIn(runs));
  giveIds(plan, page, runs);
  const [nearest] = page.taken;
  return nearest === undefined ? null : rowAt(runs[nearest.log] ?? NO_ROWS, nearest.ordinal).node.id;
}
