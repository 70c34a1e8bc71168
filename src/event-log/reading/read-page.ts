import { sum } from "../../common/sum.js";
import { GatewayError } from "../../errors.js";
import { type CursorArgument, type PageRequest } from "../../paging/arguments.js";
import { type EventPage } from "../../paging/connection.js";
import { anchorShift, type Cursor } from "../../paging/cursor.js";
import { ID_REACH, MARK_REACH, type RowRun } from "../../paging/mark.js";
import {
  type Anchor,
  type Cut,
  hasOlder,
  type OrdinalRange,
  type Page,
  rowsNeeded,
  takeWindow,
  type Window,
  windowOf,
} from "../../paging/window.js";
import { locate } from "../locate.js";
import { asOfAll, checkEnd } from "./one-state.js";
import { type PageReader } from "./page-reader.js";
import { cursorOf, NO_ROWS, type Shape, shapePage, timesIn } from "./shape-page.js";
import { allOf, waitFor, type MaybeAsync } from "../../common/maybe-async.js";

/** A checked request for a page, with its logs and its decoded cursors. */
export type PagePlan = Shape & {
  readonly request: PageRequest;
  readonly after: Cursor | null;
  readonly before: Cursor | null;
};

/**
 * Reads a page, one reader for each log of the filter.
 * @throws LogChanged, OffsetUnitChanged if the page must start again with new readers
 * @throws GatewayError
 */
export function* readPage(plan: PagePlan, readers: readonly PageReader[]): MaybeAsync<EventPage> {
  const { request } = plan;
  const [after = null, before = null] = yield* allOf([
    anchorOf(plan, readers, plan.after, request.after, "after"),
    anchorOf(plan, readers, plan.before, request.before, "before"),
  ]);
  const totals = yield* readTotals(plan, readers, after, before);
  // Later totals can count events that are not newer than these rows.
  const asOfMs = asOfAll(readers);
  const totalCount = sum(readers.map((reader) => reader.totalCount));
  const window = windowOf(request, after, before, totals);
  const { page, runs } = yield* readWindow(window, readers, reachOf(plan));
  yield* checkEnd(readers, page.high);
  return shapePage(
    plan,
    page,
    runs,
    { totals, totalCount, asOfMs, isStale: isAnyStale(readers), tails: tailsOf(plan, readers) },
    shiftOf(plan, after, page, sum(totals) - totalCount),
  );
}

/** The current place of a cursor's event, in its own log and in the other logs. */
function* anchorOf(
  plan: PagePlan,
  readers: readonly PageReader[],
  cursor: Cursor | null,
  argument: CursorArgument | null,
  side: "after" | "before",
): MaybeAsync<Anchor | null> {
  if (cursor === null || argument === null) return null;
  const sameLanguage = cursor.language === plan.language;
  const cursorMs = cursor.positions[cursor.log]?.mark.timeMs ?? 0;
  const isWalkUp = (plan.request.order === "OLDEST_FIRST") === (side === "after");
  const located = yield* allOf(
    readers.map((reader, log) =>
      locate(reader, cursor.positions[log] ?? null, cursorMs, sameLanguage, isWalkUp),
    ),
  );
  const cut = located.map(({ count }) => count);
  const { log, isInclusive } = cursor;
  // A log that has older events than a lost one was not trimmed: its job was deleted and created again.
  const isRecreated = located.some(({ kind, count }) => kind === "lost" && count > 0);
  if (isRecreated) readers.find(({ isFirstHand }) => !isFirstHand)?.readAnew();
  if (located[log]?.kind === "found" && !isRecreated) return { cut, log, isInclusive };
  // ModelArts has trimmed the event and all older ones, so a walk towards older events has reached its end.
  if (!isWalkUp && !hasOlder(cut)) return { cut, log, isInclusive: true };
  throw new GatewayError("CURSOR_EXPIRED", `ModelArts no longer has the event of ${argument.argument}.`, {
    argument: argument.argument,
    resumeCursor: yield* resumeCursor(plan, readers, cut, isWalkUp),
  });
}

/** The cursor with which a walk continues at the first event on one side of a cut. */
function* resumeCursor(
  plan: PagePlan,
  readers: readonly PageReader[],
  cut: Cut,
  isWalkUp: boolean,
): MaybeAsync<string | null> {
  const totals = yield* totalsOf(readers);
  const direction = isWalkUp ? "up" : "down";
  const bound = isWalkUp ? totals : totals.map(() => 0);
  const { page, runs } = yield* readWindow({ direction, size: 1, from: cut, bound }, readers, MARK_REACH);
  const [taken] = page.taken;
  return taken === undefined ? null : cursorOf(plan, taken, runs, true);
}

/**
 * The number of events of each log, if the window depends on it. Only a page that begins at the newest end needs it
 * first. For all other pages, the rows themselves show where the log ends.
 */
function* readTotals(
  plan: PagePlan,
  readers: readonly PageReader[],
  after: Anchor | null,
  before: Anchor | null,
): MaybeAsync<Cut> {
  const { request } = plan;
  const newer = request.order === "OLDEST_FIRST" ? before : after;
  const older = request.order === "OLDEST_FIRST" ? after : before;
  const isDown = (request.order === "OLDEST_FIRST") === (request.at === "end");
  if (newer === null && isDown && request.size > 0) {
    return yield* allOf(
      readers.map((reader) => reader.newest(request.size + (reachOf(plan) === null ? 0 : 1))),
    );
  }
  if (newer === null && request.size > 0) {
    yield* allOf(
      readers.map((reader, log) => {
        const first = older?.cut[log] ?? 0;
        return reader.rows(first, first + request.size - 1);
      }),
    );
  }
  return yield* totalsOf(readers);
}

/**
 * The change in the number of events before the event of `after`. Ordinals of a log that changes between the calls can
 * differ from those of its newest reading. The last cursor of a page has the same difference, but a page without events
 * has no cursor.
 * @param difference the sum of these differences
 */
function shiftOf(plan: PagePlan, after: Anchor | null, page: Page, difference: number): number {
  const shift = anchorShift(plan.after, after);
  const isKnown = plan.after !== null && !plan.after.isInclusive;
  return isKnown && page.taken.length === 0 ? shift - difference : shift;
}

/** The newest rows, so that counts of the same page do not read them again. */
export function tailsOf({ needs }: Shape, readers: readonly PageReader[]): RowRun[] | null {
  if (!needs.has("counts")) return null;
  const tails = readers.flatMap(({ newestTail }) => newestTail ?? []);
  return tails.length === readers.length ? tails : null;
}

export function isAnyStale(readers: readonly PageReader[]): boolean {
  return readers.some((reader) => reader.isStale);
}

export function totalsOf(readers: readonly PageReader[]): MaybeAsync<Cut> {
  return allOf(readers.map((reader) => reader.total()));
}

function* readWindow(
  window: Window,
  readers: readonly PageReader[],
  reach: number | null,
): MaybeAsync<{ page: Page; runs: readonly RowRun[] }> {
  const runs = yield* readRuns(readers, (log) => rowsNeeded(window, log), reach);
  return { page: takeWindow(window, timesIn(runs)), runs };
}

/**
 * Reads a range of rows of each log.
 * @param reach the number of rows before the first one that are also read if they are in its second; null: none
 */
export function readRuns(
  readers: readonly PageReader[],
  rangeOf: (log: number) => OrdinalRange,
  reach: number | null,
): MaybeAsync<RowRun[]> {
  return allOf(
    readers.map((reader, log) => {
      const { first, last } = rangeOf(log);
      if (first > last) return waitFor(NO_ROWS);
      return reach === null ? reader.rows(first, last) : reader.rowsWithReach(first, last, reach);
    }),
  );
}

/** How many earlier rows a page needs for its selected cursors or IDs. */
export function reachOf({ needs }: Shape): number | null {
  if (needs.has("ids")) return ID_REACH;
  return needs.has("cursors") ? MARK_REACH : null;
}
