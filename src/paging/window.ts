import { type PageRequest } from "./arguments.js";

/**
 * A cut through the logs of a filter: for each log, the number of its events on the older side.
 * All paging is arithmetic on cuts, for every order and direction.
 */
export type Cut = readonly number[];

/** The cut of a cursor's event, and the position of that event. */
export type Anchor = {
  /** The cut just after the cursor's event; the event is the last one on the older side of its own log. */
  readonly cut: Cut;
  readonly log: number;
  /** Whether a walk from here begins with the event itself. */
  readonly isInclusive: boolean;
};

/** The events to take: up to `size`, from `from` upwards (newer) or downwards (older), not beyond `bound`. */
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
 * @param totals the number of events of each log
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
 * The rows of one log that a window can need: the rows it can take and, with several logs, the row before them, which
 * the cursors of the other logs contain.
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

/** An event of a window, and the cut directly after it in time order. */
type Taken = { readonly log: number; readonly ordinal: number; readonly cut: Cut };

/** An event of a window of a single log. Its cut follows from its ordinal. */
class TakenFromSingleLog implements Taken {
  readonly log = 0;

  constructor(readonly ordinal: number) {}

  get cut(): Cut {
    return [this.ordinal + 1];
  }
}

/** The events of a window, oldest first, and the cuts around them. */
export type Page = { readonly taken: readonly Taken[]; readonly low: Cut; readonly high: Cut };

/**
 * Merges the logs of a window by time, then by the order of the logs, then by ordinal.
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

/** A window of a single log needs no comparison. */
function takeSingle(window: Window): Page {
  const { first, last } = rowsNeeded(window, 0);
  const taken: Taken[] = [];
  for (let ordinal = first; ordinal <= last; ordinal += 1) taken.push(new TakenFromSingleLog(ordinal));
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
    // Of events with equal times, take the first upwards and the last downwards: both directions give one sequence.
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
