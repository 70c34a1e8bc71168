// Checks a page around an event or a time, with counts and a histogram, against the model of its log.
import { momentOf, windowOf, wrongPage } from "../walks/walk.js";

const QUERY = `query AroundCheck($id: ID!, $order: TrainingJobEventOrder, $first: Int, $aroundEvent: ID, $aroundTime: DateTime) {
  trainingJob(id: $id) {
    events(order: $order, first: $first, aroundEvent: $aroundEvent, aroundTime: $aroundTime) {
      totalCount isStale asOf
      pageInfo { hasNextPage hasPreviousPage }
      nodes { id time message }
      countByLevel { level count }
      countBySource { source count }
      histogram(buckets: 8) { start end count }
    }
  }
}`;

/**
 * Reads the newest page, and then a page around one of its events or around the time of any event.
 * @param options as those of a walk
 * @returns null if everything is right, otherwise the fault
 */
export async function checkAround(options) {
  const { log, random } = options;
  const order = random.oneOf(["NEWEST_FIRST", "OLDEST_FIRST"]);
  const newest = await answerOf({ id: log.id, order: "NEWEST_FIRST", first: 50 }, options);
  if (newest.page === null) return newest.wrong;
  const { nodes } = newest.page;
  if (nodes.length === 0) return null;
  const isTime = random.chance(0.5);
  const { id: aroundEvent, message } = random.oneOf(nodes);
  const target = isTime ? random.oneOf(log.all) : log.all.find((event) => event.message === message);
  const place = isTime ? { aroundTime: new Date(target.timeMs).toISOString() } : { aroundEvent };
  const first = random.oneOf([2, 7, 50, 100]);
  const { page, wrong, window } = await answerOf({ id: log.id, order, first, ...place }, options);
  if (page === null) return wrong;
  const existed = target.bornAt <= window.from && target.diedAt > window.to;
  const found = existed ? wrongPlace(page, target, { first, isTime }) : null;
  return found && `${log.id} ${order} around ${isTime ? "time" : "event"} first:${first}: ${found}`;
}

/** A right page, or null and its fault. Both are null after an error that is allowed or does not pass. */
async function answerOf(variables, options) {
  const { log, ask, mayFail, mayExpire, mayGoOn } = options;
  for (;;) {
    const { page, error, askedAt, answeredAt } = await ask(variables, QUERY);
    const what = `${JSON.stringify(variables)}:`;
    if (error !== null) {
      const { code } = error.extensions ?? {};
      if (mayExpire && code === "CURSOR_EXPIRED") return { page: null, wrong: null };
      if (!mayFail(error)) return { page: null, wrong: `${what} ${code} ${error.message}` };
      if (!(await mayGoOn())) return { page: null, wrong: null };
      continue;
    }
    const window = windowOf(page, askedAt, answeredAt, options);
    const wrong =
      typeof window === "string"
        ? window
        : (wrongPage(log, page, window, variables.order, null) ??
          wrongOrder(log, page, variables.order) ??
          wrongCounts(log, page, window, options));
    if (wrong === null) return { page, wrong, window };
    const { isStale, asOf, totalCount } = page;
    const age = Math.round(askedAt - momentOf(asOf));
    return {
      page: null,
      wrong: `${what} ${wrong} (total ${totalCount}, ${age} ms old, isStale: ${isStale})`,
    };
  }
}

/**
 * The fault in the order of the nodes; null if they are in the order of the log. Events that were trimmed or came late can
 * be missing between two nodes.
 */
function wrongOrder(log, { nodes }, order) {
  const { places } = log.listed(null);
  const inOrder = order === "OLDEST_FIRST" ? nodes : nodes.toReversed();
  for (const [index, { message }] of inOrder.entries()) {
    if (!places.has(message)) return `an event that was never written: ${message}`;
    const before = inOrder[index - 1]?.message;
    if (before !== undefined && places.get(before) >= places.get(message))
      return `${message} after ${before}`;
  }
  return null;
}

/**
 * Counts are read after the page. While calls fail or are slow, they come from an earlier state of the log, so each has
 * to be one that the log had since its last stale state, and their sum a total of that time.
 */
function wrongCounts(log, { countByLevel, countBySource, histogram }, { from, to }, { staleMaxMs }) {
  const wrongIn = (name, list, isCounted) => {
    for (const part of list) {
      const possible = log.countsBetween(from - staleMaxMs, to, (event) => isCounted(event, part));
      if (!possible.has(part.count)) return `${name} ${JSON.stringify(part)}, possible: ${[...possible]}`;
    }
    const sum = list.reduce((so, { count }) => so + count, 0);
    const totals = log.countsBetween(from - staleMaxMs, to, () => true);
    return totals.has(sum) ? null : `the sum of ${name} is ${sum}, possible: ${[...totals]}`;
  };
  return (
    wrongIn("countByLevel", countByLevel, (event, { level }) => event.level.toUpperCase() === level) ??
    wrongIn("countBySource", countBySource, (event, { source }) => event.source.toUpperCase() === source) ??
    wrongIn(
      "histogram",
      histogram,
      ({ timeMs }, { start, end }) => timeMs >= Date.parse(start) && timeMs < Date.parse(end),
    )
  );
}

/** The fault of a page around an event that existed during the whole window; null if the event is in its place. */
function wrongPlace({ nodes, pageInfo }, target, { first, isTime }) {
  if (isTime) {
    const hasTime = nodes.some(({ time }) => Date.parse(time) === target.timeMs);
    return hasTime ? null : `no event of ${new Date(target.timeMs).toISOString()}`;
  }
  const index = nodes.findIndex(({ message }) => message === target.message);
  const half = Math.floor(first / 2);
  if (index === -1) return `without the event ${target.message}`;
  if (index < half && pageInfo.hasPreviousPage) return `${index} events before it, and there are more`;
  if (index > half && pageInfo.hasNextPage)
    return `${nodes.length - index} events from it on, and there are more`;
  return null;
}
