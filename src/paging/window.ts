import { type PageRequest } from "./arguments.js";

/**
 * A cut through the logs of a filter: for each, how many of its events lie on the older side.
 * All paging is arithmetic on cuts, whatever order and direction the client asks for.
 */
export type Cut = readonly number[];

/** Which side of a cut the event of a cursor lies on, and where that event is. */
export type Anchor = {
  /** The cut just after the cursor's event; the event is the last one on the older side of its own log. */
  readonly cut: Cut;
  readonly log: number;
  /** Whether a walk from here begins with the event itself. */
  readonly isInclusive: boolean;
};

/** Events to take: up to `size`, starting at `from` and going up (newer) or down (older), not past `bound`. */
export type Window = {
  readonly direction: "up" | "down";
  readonly size: number;
  readonly from: Cut;
  readonly bound: Cut;
};

/** Ordinals of one log, both included; empty when `first` is above `last`. */
export type OrdinalRange = { readonly first: number; readonly last: number };

/**
 * Turns a checked request into a window.
 * @param after  anchor of the `after` cursor
 * @param before anchor of the `before` cursor
 * @param totals how many events each log holds
 */
export function windowOf(
  request: Pick<PageRequest, "order" | "size" | "at">,
  after: Anchor | null,
  before: Anchor | null,
  totals: Cut,
): Window {
  const oldestFirst = request.order === "OLDEST_FIRST";
  const older = oldestFirst ? after : before;
  const newer = oldestFirst ? before : after;
  const low = older === null ? totals.map(() => 0) : older.isInclusive ? cutBefore(older) : older.cut;
  const high = newer === null ? totals : newer.isInclusive ? newer.cut : cutBefore(newer);
  const up = oldestFirst === (request.at === "start");
  const size = request.size;
  return up
    ? { direction: "up", size, from: low, bound: atLeast(high, low) }
    : { direction: "down", size, from: high, bound: atMost(low, high) };
}

/** The cut just before a cursor's event. */
function cutBefore(anchor: Anchor): Cut {
  return anchor.cut.map((taken, log) => (log === anchor.log ? Math.max(0, taken - 1) : taken));
}

/**
 * The rows of one log that a window can need: those it may take and, where there are other logs, the last one
 * taken before them, which the cursors of the other logs' events name.
 */
export function rowsNeeded(window: Window, log: number): OrdinalRange {
  if (window.size === 0) return { first: 0, last: -1 };
  const from = window.from[log] ?? 0;
  const bound = window.bound[log] ?? 0;
  const extra = window.from.length > 1 ? 1 : 0;
  return window.direction === "up"
    ? { first: Math.max(0, from - extra), last: Math.min(from + window.size, bound) - 1 }
    : { first: Math.max(0, bound - extra, from - window.size), last: from - 1 };
}

/** An event that a window takes, and the cut just after it, counted in the order of time. */
type Taken = { readonly log: number; readonly ordinal: number; readonly cut: Cut };

/** The same of a single log, where nobody asks for the cut. */
class TakenAlone implements Taken {
  readonly log = 0;

  constructor(readonly ordinal: number) {}

  get cut(): Cut {
    return [this.ordinal + 1];
  }
}

/** What a window took, oldest first, and the cuts around it. */
export type Page = { readonly taken: readonly Taken[]; readonly low: Cut; readonly high: Cut };

/**
 * Merges the logs within a window by time; ties go by the order of the logs, and within a log by ordinal.
 * @param timeOf the time of a row that {@link rowsNeeded} named
 */
export function takeWindow(window: Window, timeOf: (log: number, ordinal: number) => number): Page {
  if (window.from.length === 1) return takeSingle(window);
  const up = window.direction === "up";
  const cut = [...window.from];
  const taken: Taken[] = [];
  while (taken.length < window.size) {
    const log = nextLog(up, cut, window.bound, timeOf);
    if (log === null) break;
    const count = cut[log] ?? 0;
    if (up) cut[log] = count + 1;
    taken.push({ log, ordinal: up ? count : count - 1, cut: [...cut] });
    if (!up) cut[log] = count - 1;
  }
  return up
    ? { taken, low: window.from, high: cut }
    : { taken: taken.reverse(), low: cut, high: window.from };
}

/** Of a single log a window takes what lies in it: nothing has to be compared. */
function takeSingle(window: Window): Page {
  const { first, last } = rowsNeeded(window, 0);
  const taken: Taken[] = [];
  for (let ordinal = first; ordinal <= last; ordinal += 1) taken.push(new TakenAlone(ordinal));
  if (taken.length === 0) return { taken, low: window.from, high: window.from };
  return window.direction === "up"
    ? { taken, low: window.from, high: [last + 1] }
    : { taken, low: [first], high: window.from };
}

function nextLog(
  up: boolean,
  cut: Cut,
  bound: Cut,
  timeOf: (log: number, ordinal: number) => number,
): number | null {
  let best: number | null = null;
  let bestTime = 0;
  for (const [log, count] of cut.entries()) {
    const limit = bound[log] ?? 0;
    if (up ? count >= limit : count <= limit) continue;
    const time = timeOf(log, up ? count : count - 1);
    // Upwards the first of equals wins, downwards the last, so that both give the same sequence.
    if (best === null || (up ? time < bestTime : time >= bestTime)) {
      best = log;
      bestTime = time;
    }
  }
  return best;
}

/** Whether any log has events below the cut. */
export function hasOlder(cut: Cut): boolean {
  return cut.some((count) => count > 0);
}

/** Whether any log has events above the cut. */
export function hasNewer(cut: Cut, totals: Cut): boolean {
  return cut.some((count, log) => count < (totals[log] ?? 0));
}

function atLeast(cut: Cut, floor: Cut): Cut {
  return cut.map((count, log) => Math.max(count, floor[log] ?? 0));
}

function atMost(cut: Cut, ceiling: Cut): Cut {
  return cut.map((count, log) => Math.min(count, ceiling[log] ?? 0));
}
