import { type PageRequest } from "../../paging/arguments.js";
import { type EventPage, type PageNeeds, type EventEdge, type EventNode } from "../../paging/connection.js";
import {
  type CursorScope,
  encodeBeginning,
  encodeCursor,
  encodeSingle,
  type Position,
} from "../../paging/cursor.js";
import { encodeEventId } from "../../paging/event-id.js";
import { isoTime } from "../../paging/iso-time.js";
import { type JobRef } from "../../paging/job.js";
import { markAt, markOf, needsEarlierRows, repeatRankAt, rowAt, type RowRun } from "../../paging/mark.js";
import { type Cut, hasNewer, hasOlder, type Page } from "../../paging/window.js";
import { type Language } from "../../training-job-event.js";

export const NO_ROWS: RowRun = { start: 0, rows: [] };

/** The shape of a page in the answer. */
export type Shape = {
  readonly job: JobRef;
  readonly request: Pick<PageRequest, "order" | "filter">;
  readonly scope: CursorScope;
  readonly language: Language;
  /** Without "cursors" the edges have no cursors, and without "ids" the events have no IDs. */
  readonly needs: PageNeeds;
};

/** The state of the logs that a page shows. */
export type LogsState = {
  /** The ordinal after the newest event of each log. */
  readonly totals: Cut;
  /** The number of events of all logs. */
  readonly totalCount: number;
  /** The moment of this state, in milliseconds since the epoch. */
  readonly asOfMs: number;
  /** Whether a part is stale because the upstream fails or is slow. */
  readonly isStale: boolean;
  /** The newest rows of each log; null if they were not read for all logs. */
  readonly tails: readonly RowRun[] | null;
};

/** The times of the rows of each log. */
export function timesIn(runs: readonly RowRun[]): (log: number, ordinal: number) => number {
  return (log, ordinal) => rowAt(runs[log] ?? NO_ROWS, ordinal).timeMs;
}

/**
 * The connection of a page.
 * @param shift by how much the ordinal of the event of `after` has grown since the cursor was written
 */
export function shapePage(
  plan: Shape,
  page: Page,
  runs: readonly RowRun[],
  { totals, totalCount, asOfMs, isStale, tails }: LogsState,
  shift = 0,
): EventPage {
  if (plan.needs.has("ids")) giveIds(plan, page, runs);
  const edges = edgesOf(plan, page, runs);
  const isOldestFirst = plan.request.order === "OLDEST_FIRST";
  if (!isOldestFirst) edges.reverse();
  const marked = plan.needs.has("cursors") ? edges : [];
  const older = hasOlder(page.low);
  const newer = hasNewer(page.high, totals);
  const pageInfo = {
    hasNextPage: isOldestFirst ? newer : older,
    hasPreviousPage: isOldestFirst ? older : newer,
    startCursor: marked[0]?.cursor ?? null,
    endCursor: marked.at(-1)?.cursor ?? null,
  };
  const beginning =
    totalCount > 0 || !plan.needs.has("cursors")
      ? undefined
      : encodeBeginning(plan.scope, totals.length, plan.language);
  const list = { job: plan.job, filter: plan.request.filter, totals, asOfMs, tails };
  return new ShownPage(edges, pageInfo, totalCount, asOfMs, isStale, shift, list, beginning);
}

/** A class, so that the text of `asOf` is written only if it is selected. */
class ShownPage implements EventPage {
  readonly nodes: readonly EventNode[];

  constructor(
    readonly edges: readonly EventEdge[],
    readonly pageInfo: EventPage["pageInfo"],
    readonly totalCount: number,
    private readonly asOfMs: number,
    readonly isStale: boolean,
    readonly anchorShift: number,
    readonly list: EventPage["list"],
    readonly beginning: string | undefined,
  ) {
    this.nodes = edges.map(({ node }) => node);
  }

  get asOf(): string {
    return isoTime(this.asOfMs);
  }
}

/** The edges of a page's events, oldest first. */
function edgesOf(plan: Shape, page: Page, runs: readonly RowRun[]): EventEdge[] {
  // Without enough earlier rows, the marks would be wrong, and they are kept with the rows.
  return plan.needs.has("cursors") || reachesFarEnough(page, runs)
    ? markedEdges(plan, page, runs)
    : page.taken.map(({ log, ordinal }) => new UnmarkedEdge(rowAt(runs[log] ?? NO_ROWS, ordinal).node));
}

/** Whether the rows that were read for a single log are enough for the marks of a page's events. */
function reachesFarEnough({ taken: [oldest] }: Page, [only, ...others]: readonly RowRun[]): boolean {
  return only !== undefined && others.length === 0 && !!oldest && !needsEarlierRows(only, oldest.ordinal);
}

/** An edge whose cursor is not selected. */
class UnmarkedEdge implements EventEdge {
  constructor(readonly node: EventNode) {}

  get cursor(): never {
    throw new Error("The page was read without cursors.");
  }
}

/** The edges with their cursors. The rows must include the earlier rows that marks need. */
function markedEdges({ scope, language }: Shape, { taken }: Page, runs: readonly RowRun[]): EventEdge[] {
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

/** The cursor of an event of a page. @param isInclusive whether a walk from it begins with the event itself */
export function cursorOf(
  { scope, language }: Pick<Shape, "scope" | "language">,
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

/** Adds IDs to events that have none yet. The rows must include the earlier rows that ranks need. */
export function giveIds({ scope, language }: Shape, { taken }: Page, runs: readonly RowRun[]): void {
  for (const { log, ordinal } of taken) {
    const run = runs[log] ?? NO_ROWS;
    const { node, timeMs, kind, checksum: message } = rowAt(run, ordinal);
    if (node.hasId) continue;
    node.setId(
      encodeEventId(scope.job, { timeMs, kind, message, rank: repeatRankAt(run, ordinal), language }),
    );
  }
}
