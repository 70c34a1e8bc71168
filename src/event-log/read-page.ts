import { GatewayError } from "../errors.js";
import { type CursorArgument, type PageRequest } from "../paging/arguments.js";
import { type EventConnection, type EventEdge, type EventNode } from "../paging/connection.js";
import {
  type Cursor,
  type CursorScope,
  encodeBeginning,
  encodeCursor,
  encodeSingle,
  type Position,
} from "../paging/cursor.js";
import { markAt, markOf, needsEarlierRows, rowAt, type RowRun } from "../paging/mark.js";
import {
  type Anchor,
  type Cut,
  hasNewer,
  hasOlder,
  type Page,
  rowsNeeded,
  takeWindow,
  type Window,
  windowOf,
} from "../paging/window.js";
import { type Language } from "../training-job-event.js";
import { locate } from "./locate.js";
import { type LogReader } from "./log-reader.js";
import { allOf, waitFor, type MaybeAsync } from "../common/maybe-async.js";

const NO_ROWS: RowRun = { start: 0, rows: [] };

/** A checked request for a page: its logs, and its cursors read. */
export type PagePlan = {
  readonly request: PageRequest;
  readonly scope: CursorScope;
  readonly after: Cursor | null;
  readonly before: Cursor | null;
  readonly language: Language;
  /** Without, the page's edges have none. */
  readonly withCursors: boolean;
};

/**
 * Reads a page, one reader for each log of the filter.
 * @throws LogChanged, OffsetUnitChanged: start anew with new readers
 * @throws GatewayError
 */
export function* readPage(plan: PagePlan, readers: readonly LogReader[]): MaybeAsync<EventConnection> {
  const { request } = plan;
  const [after = null, before = null] = yield* allOf([
    anchorOf(plan, readers, plan.after, request.after, "after"),
    anchorOf(plan, readers, plan.before, request.before, "before"),
  ]);
  const totals = yield* readTotals(plan, readers, after, before);
  const window = windowOf(request, after, before, totals);
  const { page, runs } = yield* readWindow(window, readers, plan.withCursors);
  return shape(plan, page, runs, yield* totalsOf(readers));
}

/** Where the event of a cursor is now, in its own log and relative to the other logs. */
function* anchorOf(
  plan: PagePlan,
  readers: readonly LogReader[],
  cursor: Cursor | null,
  argument: CursorArgument | null,
  side: "after" | "before",
): MaybeAsync<Anchor | null> {
  if (cursor === null || argument === null) return null;
  const sameLanguage = cursor.language === plan.language;
  const cursorMs = cursor.positions[cursor.log]?.mark.timeMs ?? 0;
  const located = yield* allOf(
    readers.map((reader, log) => locate(reader, cursor.positions[log] ?? null, cursorMs, sameLanguage)),
  );
  const cut = located.map(({ count }) => count);
  const { log, isInclusive } = cursor;
  if (located[log]?.kind === "found") return { cut, log, isInclusive };
  const isWalkUp = (plan.request.order === "OLDEST_FIRST") === (side === "after");
  // ModelArts trimmed the event with everything older: a walk towards older events has come to its end.
  if (!isWalkUp && !hasOlder(cut)) return { cut, log, isInclusive: true };
  throw new GatewayError("CURSOR_EXPIRED", `ModelArts no longer has the event of ${argument.argument}.`, {
    argument: argument.argument,
    resumeCursor: yield* resumeCursor(plan, readers, cut, isWalkUp),
  });
}

/** The cursor from which a walk goes on with the first event on one side of a cut. */
function* resumeCursor(
  plan: PagePlan,
  readers: readonly LogReader[],
  cut: Cut,
  isWalkUp: boolean,
): MaybeAsync<string | null> {
  const totals = yield* totalsOf(readers);
  const direction = isWalkUp ? "up" : "down";
  const bound = isWalkUp ? totals : totals.map(() => 0);
  const { page, runs } = yield* readWindow({ direction, size: 1, from: cut, bound }, readers, true);
  const [taken] = page.taken;
  return taken === undefined ? null : cursorOf(plan, taken, runs, true);
}

/**
 * How many events each log holds, as far as the window depends on it. A page at the newest end begins there; any
 * other only ends there, and its rows tell.
 */
function* readTotals(
  { request, withCursors }: PagePlan,
  readers: readonly LogReader[],
  after: Anchor | null,
  before: Anchor | null,
): MaybeAsync<Cut> {
  const newer = request.order === "OLDEST_FIRST" ? before : after;
  const older = request.order === "OLDEST_FIRST" ? after : before;
  const isDown = (request.order === "OLDEST_FIRST") === (request.at === "end");
  if (newer === null && isDown && request.size > 0) {
    return yield* allOf(readers.map((reader) => reader.newest(request.size + (withCursors ? 1 : 0))));
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

function totalsOf(readers: readonly LogReader[]): MaybeAsync<Cut> {
  return allOf(readers.map((reader) => reader.total()));
}

function* readWindow(
  window: Window,
  readers: readonly LogReader[],
  withCursors: boolean,
): MaybeAsync<{ page: Page; runs: readonly RowRun[] }> {
  const runs = yield* allOf(
    readers.map((reader, log) => {
      const { first, last } = rowsNeeded(window, log);
      if (first > last) return waitFor(NO_ROWS);
      return withCursors ? reader.rowsWithReach(first, last) : reader.rows(first, last);
    }),
  );
  return { page: takeWindow(window, (log, ordinal) => rowAt(runs[log] ?? NO_ROWS, ordinal).timeMs), runs };
}

function shape(plan: PagePlan, page: Page, runs: readonly RowRun[], totals: Cut): EventConnection {
  const edges = edgesOf(plan, page, runs);
  const isOldestFirst = plan.request.order === "OLDEST_FIRST";
  if (!isOldestFirst) edges.reverse();
  const marked = plan.withCursors ? edges : [];
  const older = hasOlder(page.low);
  const newer = hasNewer(page.high, totals);
  const totalCount = totals.reduce((sum, total) => sum + total, 0);
  const connection = {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: isOldestFirst ? newer : older,
      hasPreviousPage: isOldestFirst ? older : newer,
      startCursor: marked[0]?.cursor ?? null,
      endCursor: marked.at(-1)?.cursor ?? null,
    },
    totalCount,
  };
  if (totalCount > 0 || !plan.withCursors) return connection;
  return { ...connection, beginning: encodeBeginning(plan.scope, totals.length, plan.language) };
}

/** The edges of a page's events, oldest first. */
function edgesOf(plan: PagePlan, page: Page, runs: readonly RowRun[]): EventEdge[] {
  // Marks of rows that were not read far enough back would be wrong, and would be kept with the rows.
  return plan.withCursors || reachesFarEnough(page, runs)
    ? markedEdges(plan, page, runs)
    : page.taken.map(({ log, ordinal }) => new UnmarkedEdge(rowAt(runs[log] ?? NO_ROWS, ordinal).node));
}

/** Whether the rows of a single log happen to tell the marks of a page's events. */
function reachesFarEnough({ taken: [oldest] }: Page, [only, ...others]: readonly RowRun[]): boolean {
  return only !== undefined && others.length === 0 && !!oldest && !needsEarlierRows(only, oldest.ordinal);
}

/** An edge whose cursor nobody asked for. */
class UnmarkedEdge implements EventEdge {
  constructor(readonly node: EventNode) {}

  get cursor(): never {
    throw new Error("The cursor of an edge was asked for that was read without.");
  }
}

/** The edges with their cursors; what was read must reach back far enough for them. */
function markedEdges({ scope, language }: PagePlan, { taken }: Page, runs: readonly RowRun[]): EventEdge[] {
  const [only] = runs;
  if (only !== undefined && runs.length === 1) {
    const write = (ordinal: number): string => encodeSingle(scope, language, ordinal, markAt(only, ordinal));
    return taken.map(({ ordinal }) => rowAt(only, ordinal).edgeAt(ordinal, scope, write));
  }
  return taken.map((event) => ({
    cursor: cursorOf({ scope, language }, event, runs, false),
    node: rowAt(runs[event.log] ?? NO_ROWS, event.ordinal).node,
  }));
}

function cursorOf(
  { scope, language }: Pick<PagePlan, "scope" | "language">,
  { log, cut }: Page["taken"][number],
  runs: readonly RowRun[],
  isInclusive: boolean,
): string {
  const positionAt = (of: number, ordinal: number): Position | null => {
    const run = runs[of];
    return ordinal < 0 || run === undefined ? null : { ordinal, mark: markOf(run, ordinal) };
  };
  const positions = cut.map((count, of) => positionAt(of, count - 1));
  return encodeCursor(scope, { log, positions, language, isInclusive });
}
