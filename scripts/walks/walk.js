// One walk over the pages of a job, checked by the model.
import { performance } from "node:perf_hooks";
import { Agent, request } from "undici";

const agent = new Agent({ connections: 64 });
const QUERY = `query Walk($id: ID!, $order: TrainingJobEventOrder, $filter: TrainingJobEventFilter,
    $first: Int, $after: String, $last: Int, $before: String) {
  trainingJob(id: $id) {
    events(order: $order, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
      totalCount isStale asOf
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      nodes { time message }
    }
  }
}`;
/** Levels of one or two logs. */
export const FILTERS = [["INFO", "WARNING"], ["INFO", "ERROR"], ["WARNING", "ERROR"], ["ERROR"]];
/** How often a page is requested again after a temporary error. */
const TRIES_MAX = 200;
const PAGES_MAX = 400;
/** So long that only a query that is never answered takes longer. */
const ANSWER_WITHIN_MS = 60_000;

/** @returns the events or the error of one page, and the times of its request and answer */
export async function askPage(url, variables, query = QUERY) {
  const askedAt = performance.now();
  const { body } = await request(url, {
    method: "POST",
    dispatcher: agent,
    headersTimeout: ANSWER_WITHIN_MS,
    bodyTimeout: ANSWER_WITHIN_MS,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await body.json();
  const page = data?.trainingJob?.events ?? null;
  return { page, error: errors?.[0] ?? null, askedAt, answeredAt: performance.now() };
}

/**
 * Walks over a log in either order and direction.
 * @param ask asks for a page, see {@link askPage}
 * @param staleMs how old data may be that is not marked as stale, with all inaccuracy of clocks and replicas
 * @param staleMaxMs how much older data may be that is marked as stale
 * @param skewMs how far the clocks of processes and the order of events in this process can be off
 * @param mayFail whether an error is allowed; the page is then requested again
 * @param isRecreated whether the log can be deleted and created again; a walk ends when its cursor has expired
 * @param mayGoOn called before that; the walk ends if it returns false
 * @returns null if the walk is correct, otherwise the fault
 */
export async function walk(options) {
  const { log, ask, random, staleMs, skewMs, mayFail, mayExpire, mayFilter = true } = options;
  const { staleMaxMs = Infinity, mayGoOn, isRecreated = false } = options;
  const order = random.oneOf(["NEWEST_FIRST", "OLDEST_FIRST"]);
  const isForward = random.chance(0.7);
  const size = random.oneOf(log.all.length > 150 ? [40, 50, 99, 100] : [7, 20, 50, 100]);
  const levels = mayFilter && random.chance(0.25) ? random.oneOf(FILTERS) : null;
  const passes = ({ level }) => levels === null || levels.includes(level.toUpperCase());
  const what = `${log.id} ${order} ${isForward ? "first" : "last"}:${size}${levels === null ? "" : ` ${levels}`}`;
  const startedAt = performance.now();
  const seen = [];
  let since = startedAt - staleMs;
  let cursor = null;
  let failures = 0;
  for (let pages = 0; pages < PAGES_MAX;) {
    const part = isForward ? { first: size, after: cursor } : { last: size, before: cursor };
    const variables = { id: log.id, order, filter: levels && { levels }, ...part };
    const { page, error, askedAt, answeredAt } = await ask(variables);
    if (error !== null) {
      const { code, retryable, resumeCursor } = error.extensions ?? {};
      if (mayExpire && code === "CURSOR_EXPIRED" && retryable === false) {
        if (resumeCursor === null || isRecreated) break;
        cursor = resumeCursor;
        continue;
      }
      if (mayFail(error) && retryable) {
        if (mayGoOn !== undefined && !(await mayGoOn())) return null;
        if (mayGoOn !== undefined || ++failures < TRIES_MAX) continue;
      }
      return `${what}: page ${pages}: ${code} ${error.message}`;
    }
    pages += 1;
    const { nodes, pageInfo, isStale } = page;
    const window = windowOf(page, askedAt, answeredAt, { staleMs, staleMaxMs, skewMs });
    if (typeof window === "string") return `${what}: page ${pages}: ${window}`;
    if (isStale) since = Math.min(since, window.from);
    const wrong = wrongPage(log, page, window, order, levels);
    if (wrong !== null) return `${what}: page ${pages}${isStale ? " (stale)" : ""}: ${wrong}`;
    if (isForward) seen.push(...nodes);
    else seen.unshift(...nodes);
    const more = isForward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage;
    const next = isForward ? pageInfo.endCursor : pageInfo.startCursor;
    if (!more) break;
    if (next === null) return `${what}: page ${pages}: more is promised, but there is no cursor`;
    cursor = next;
  }
  const wrong = wrongWalk(log, seen, since, order, levels, passes);
  return wrong === null ? null : `${what}: ${wrong}`;
}

/** The range of time in which the state of a page must lie; a text if the page is too old. */
export function windowOf({ asOf, isStale }, askedAt, answeredAt, { staleMs, staleMaxMs, skewMs }) {
  const asOfMs = momentOf(asOf);
  if (asOfMs < askedAt - staleMs - (isStale ? staleMaxMs : 0)) {
    return `${Math.round(askedAt - asOfMs)} ms old, isStale: ${isStale}`;
  }
  const from = isStale ? Math.min(asOfMs - skewMs, askedAt - staleMs) : askedAt - staleMs;
  return { from, to: answeredAt };
}

/** A time of an answer on the clock of the model. */
export function momentOf(time) {
  return Date.parse(time) - (Date.now() - performance.now());
}

/** A page of several levels adds up their numbers, which come from calls of their own. */
export function possibleTotals(log, from, to, levels) {
  if (levels === null) return log.countsBetween(from, to, () => true);
  let sums = new Set([0]);
  for (const name of levels) {
    const counts = log.countsBetween(from, to, ({ level }) => level.toUpperCase() === name);
    sums = new Set([...sums].flatMap((sum) => [...counts].map((count) => sum + count)));
  }
  return sums;
}

/** The fault of a page whose state must be one of the window; null if it is correct. */
export function wrongPage(log, { totalCount, nodes, pageInfo }, { from, to }, order, levels) {
  const counts = possibleTotals(log, from, to, levels);
  if (!counts.has(totalCount)) return `totalCount ${totalCount}, possible: ${[...counts]}`;
  if (nodes.length === 0) return null;
  const isNewestFirst = order === "NEWEST_FIRST";
  const { events: listed, places } = log.listed(levels);
  const ends = [places.get(nodes[0].message), places.get(nodes.at(-1).message)];
  const [low, high] = isNewestFirst ? ends.reverse() : ends;
  const [older, newer] = isNewestFirst
    ? [pageInfo.hasNextPage, pageInfo.hasPreviousPage]
    : [pageInfo.hasPreviousPage, pageInfo.hasNextPage];
  // If an event existed during the whole window, the flag must be true. If none ever existed, it must be false.
  const always = ({ bornAt, diedAt }) => bornAt <= from && diedAt > to;
  const ever = ({ bornAt, diedAt }) => bornAt <= to && diedAt > from;
  // Events of one second that are written during a walk over several levels come after those that were shown before.
  const isApart = (place, edge) => levels === null || listed[place].timeMs !== listed[edge].timeMs;
  const sides = {
    older: { flag: older, edge: low, places: range(0, low) },
    newer: { flag: newer, edge: high, places: range(high + 1, listed.length) },
  };
  for (const [side, { flag, edge, places: beyond }] of Object.entries(sides)) {
    if (!flag && beyond.some((place) => always(listed[place]) && isApart(place, edge))) {
      return `nothing ${side} is promised, but there is`;
    }
    const mayBe =
      levels === null
        ? beyond
        : range(0, listed.length)
            .filter((place) => !isApart(place, edge))
            .concat(beyond);
    if (flag && !mayBe.some((place) => ever(listed[place])))
      return `something ${side} is promised, but there is nothing`;
  }
  return null;
}

function range(from, to) {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/**
 * The fault of all events of a walk together; null if they are correct.
 * @param since the time of the oldest state that it was allowed to show
 */
function wrongWalk(log, seen, since, order, levels, passes) {
  const endedAt = performance.now();
  const { events, places } = log.listed(levels);
  const inOrder = order === "NEWEST_FIRST" ? seen.toReversed() : seen;
  /** The last place of each level: a second is in order for each of them. */
  const before = new Map();
  const found = new Set();
  for (const { message, time } of inOrder) {
    const place = places.get(message);
    if (place === undefined) return `an event that was never written: ${message}`;
    const event = events[place];
    if (found.has(place)) return `twice: ${message}`;
    const last = levels === null ? before.get("all") : before.get(event.level);
    if (place <= (last ?? -1)) return `in a wrong order: ${message} after ${events[last].message}`;
    // The calls of several levels see moments of their own, so that an event that was written during the walk can come
    // after a newer one of another level.
    const isOld = event.bornAt <= since;
    if (isOld && event.timeMs < (before.get("time") ?? 0)) return `an older time: ${message}`;
    const isRight = event.malformed === "time" || Date.parse(time) === event.timeMs;
    if (!isRight || !passes(event)) return `a wrong event: ${message}`;
    if (event.diedAt <= since) return `an event that was gone: ${message}`;
    found.add(place);
    before.set(levels === null ? "all" : event.level, place);
    if (isOld) before.set("time", event.timeMs);
  }
  const existed = ({ bornAt, diedAt }) => bornAt <= since && diedAt > endedAt;
  const missing = events.find((event, place) => existed(event) && !found.has(place));
  return missing === undefined ? null : `missing: ${missing.message}`;
}
