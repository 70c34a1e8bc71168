// Single pages that no walk asks for: pages around a time or an event, and counts. Each is judged by the model.
import { FILTERS, possibleTotals, wrongPage } from "./walk.js";

const AROUND = `query Around($id: ID!, $order: TrainingJobEventOrder, $filter: TrainingJobEventFilter, $first: Int,
    $aroundTime: DateTime, $aroundEvent: ID) {
  trainingJob(id: $id) {
    events(order: $order, filter: $filter, first: $first, aroundTime: $aroundTime, aroundEvent: $aroundEvent) {
      totalCount isStale asOf
      pageInfo { hasNextPage hasPreviousPage }
      nodes { id time message }
    }
  }
}`;
const COUNTS = `query Counts($id: ID!, $order: TrainingJobEventOrder, $filter: TrainingJobEventFilter, $first: Int) {
  trainingJob(id: $id) {
    events(order: $order, filter: $filter, first: $first) {
      totalCount isStale
      countByLevel { level count }
      countBySource { count }
      histogram(buckets: 10) { count }
    }
  }
}`;
const TRIES_MAX = 200;

/** Asks for a page until it is no temporary error. @returns the answer, or null if it failed too often */
async function askOften(ask, query, variables, mayFail) {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const answer = await ask(variables, query);
    if (answer.error === null || !mayFail(answer.error) || !answer.error.extensions.retryable) return answer;
  }
  return null;
}

const said = ({ message, extensions }) => `${extensions?.code} ${message}`;
const sum = (counts) => counts.reduce((all, { count }) => all + count, 0);

/** The shape of a page that both kinds of pages choose in the same way. */
function chosen(random) {
  return {
    order: random.oneOf(["NEWEST_FIRST", "OLDEST_FIRST"]),
    levels: random.chance(0.4) ? random.oneOf(FILTERS) : null,
  };
}

/**
 * Asks for a page around a time or an event. The options are those of a walk.
 * @returns null if the page is right, else the reason why it is wrong
 */
export async function checkAround({ log, ask, random, staleMs, mayFail, mayExpire, isRecreated }) {
  const { order, levels } = chosen(random);
  const first = random.oneOf([1, 2, 7, 50, 100]);
  const place = await choosePlace({ log, ask, random, mayFail });
  if (place === null) return null;
  const name = `${log.id} ${order} first:${first} around ${place.aroundTime ?? place.event.message} ${levels ?? ""}`;
  const { event, ...argument } = place;
  const variables = { id: log.id, order, first, filter: levels && { levels }, ...argument };
  const answer = await askOften(ask, AROUND, variables, mayFail);
  if (answer === null) return `${name}: no answer in ${TRIES_MAX} tries`;
  const { page, error, askedAt, answeredAt } = answer;
  if (error !== null) {
    const isExpired = error.extensions?.code === "CURSOR_EXPIRED" && mayExpire && event?.diedAt < answeredAt;
    return isExpired ? null : `${name}: ${said(error)}`;
  }
  if (page.isStale) return null;
  const window = { from: askedAt - staleMs, to: answeredAt };
  const wrong =
    wrongPage(log, page, window, order, levels) ??
    runsOf(log, page.nodes, isRecreated && levels !== null)
      .map((nodes) => wrongRun(log, nodes, window, order, levels))
      .find((reason) => reason !== null) ??
    (log.kind === "standing" ? wrongPlace(log, page.nodes, order, levels, first, place) : null);
  return wrong === null ? null : `${name}: ${wrong}`;
}

/** A time or an event of the log; null if it has none. */
async function choosePlace({ log, ask, random, mayFail }) {
  const alive = log.alive();
  if (alive.length === 0) return null;
  if (random.chance(0.5)) {
    return { aroundTime: new Date(random.oneOf(alive).timeMs + random.whole(-1, 1) * 500).toISOString() };
  }
  const variables = { id: log.id, first: 20, order: "NEWEST_FIRST" };
  const answer = await askOften(
    ask,
    AROUND,
    { ...variables, aroundTime: new Date(random.oneOf(alive).timeMs) },
    mayFail,
  );
  const nodes = answer?.page?.nodes ?? [];
  if (nodes.length === 0) return null;
  const { id, message } = random.oneOf(nodes);
  return { aroundEvent: id, event: log.all.find((event) => event.message === message) };
}

/**
 * The parts of a page that are checked alone. Each level is read by calls of its own, so shortly after a job was created
 * again, a page of several levels can have events of both jobs (a known limit in docs/architecture.md).
 */
function runsOf(log, nodes, areMixed) {
  if (!areMixed) return [nodes];
  const runs = new Map();
  for (const node of nodes) {
    const created = log.all.find(({ message }) => message === node.message)?.log;
    runs.set(created, [...(runs.get(created) ?? []), node]);
  }
  return [...runs.values()];
}

/**
 * The fault of a page; null if it has, in order, each event between its ends that existed during the whole window, and
 * none that was gone.
 */
function wrongRun(log, nodes, { from, to }, order, levels) {
  const { events, places } = log.listed(levels);
  const at = nodes.map(({ message }) => places.get(message));
  if (order === "NEWEST_FIRST") at.reverse();
  for (const [index, place] of at.entries()) {
    if (place === undefined) return `an event that was never written: ${nodes[index].message}`;
    if (index > 0 && place <= at[index - 1]) return `in a wrong order: ${events[place].message}`;
    if (events[place].diedAt <= from) return `an event that was gone: ${events[place].message}`;
  }
  const shown = new Set(at);
  for (let place = at[0] ?? 0; place < (at.at(-1) ?? 0); place += 1) {
    const { bornAt, diedAt, message } = events[place];
    if (bornAt <= from && diedAt > to && !shown.has(place)) return `missing: ${message}`;
  }
  return null;
}

/** Whether a page of a log that stands still has exactly the events around its place. */
function wrongPlace(log, nodes, order, levels, first, { aroundTime, event }) {
  const { events } = log.listed(levels);
  const list = order === "NEWEST_FIRST" ? events.toReversed() : events;
  const timeMs = event?.timeMs ?? Date.parse(aroundTime);
  const own = event === undefined ? -1 : list.indexOf(event);
  const byTime = list.findIndex((other) =>
    order === "NEWEST_FIRST" ? other.timeMs <= timeMs : other.timeMs >= timeMs,
  );
  const found = own >= 0 ? own : byTime;
  const place = found < 0 ? list.length : found;
  const end = Math.min(list.length, Math.max(0, place - Math.floor(first / 2)) + first);
  const expected = list.slice(Math.max(0, end - first), end).map(({ message }) => message);
  const shown = nodes.map(({ message }) => message);
  return `${shown}` === `${expected}` ? null : `shows ${shown}, expected: ${expected}`;
}

/**
 * Asks for counts and a histogram, which sum to the total.
 * @returns null if they are right, else the reason why they are wrong
 */
export async function checkCounts({ log, ask, random, staleMs, mayFail, mayExpire }) {
  const { order, levels } = chosen(random);
  const name = `${log.id} ${order} counts ${levels ?? ""}`;
  const variables = { id: log.id, order, first: random.oneOf([0, 20, 100]), filter: levels && { levels } };
  // Counts need several calls that meet the same state, which a log can leave in each attempt.
  const mayChange = (error) =>
    mayFail(error) || (log.kind !== "standing" && error.extensions?.code === "UPSTREAM_UNAVAILABLE");
  const answer = await askOften(ask, COUNTS, variables, mayChange);
  if (answer === null) return `${name}: no answer in ${TRIES_MAX} tries`;
  const { page, error, askedAt, answeredAt } = answer;
  if (error !== null) return `${name}: ${said(error)}`;
  if (page.isStale) return null;
  const { totalCount, countByLevel, countBySource, histogram } = page;
  const [from, to] = [askedAt - staleMs, answeredAt];
  const totals = possibleTotals(log, from, to, levels);
  if (!totals.has(totalCount)) return `${name}: totalCount ${totalCount}, possible: ${[...totals]}`;
  const sums = { countBySource: sum(countBySource), histogram: sum(histogram) };
  if (levels === null) sums.countByLevel = sum(countByLevel);
  for (const [field, count] of Object.entries(sums)) {
    // If a log is trimmed between a page and its counts, these are of the later state.
    if (count !== totalCount && !(mayExpire && totals.has(count))) {
      return `${name}: ${field} sums to ${count}, totalCount: ${totalCount}`;
    }
  }
  const all = log.countsBetween(from, to, () => true);
  if (!all.has(sum(countByLevel)))
    return `${name}: countByLevel sums to ${sum(countByLevel)}, possible: ${[...all]}`;
  if (log.kind !== "standing") return null;
  const wrong = countByLevel.find(
    ({ level, count }) => count !== log.all.filter((event) => event.level.toUpperCase() === level).length,
  );
  return wrong === undefined ? null : `${name}: ${wrong.count} events of ${wrong.level}`;
}
