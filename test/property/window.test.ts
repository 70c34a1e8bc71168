import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Order, ORDERS } from "../../src/paging/arguments.js";
import {
  type Anchor,
  type Cut,
  hasNewer,
  hasOlder,
  rowsNeeded,
  takeWindow,
  windowOf,
} from "../../src/paging/window.js";

const RUNS = 10_000;

type Place = { log: number; ordinal: number; time: number };

/** Up to four logs, each a list of times that never fall; few times, so that ties are common. */
const logs = fc.array(
  fc.array(fc.nat({ max: 6 }), { maxLength: 25 }).map((times) => times.sort((a, b) => a - b)),
  { minLength: 1, maxLength: 4 },
);

/** The model: all events in one list, by time, then log, then ordinal. */
function merge(of: readonly (readonly number[])[]): Place[] {
  return of
    .flatMap((times, log) => times.map((time, ordinal) => ({ log, ordinal, time })))
    .sort((a, b) => a.time - b.time || a.log - b.log || a.ordinal - b.ordinal);
}

/** The cut just after the event at an index of the merged list. */
function anchorAt(
  of: readonly (readonly number[])[],
  all: readonly Place[],
  index: number,
  isInclusive = false,
): Anchor {
  const upTo = all.slice(0, index + 1);
  const cut = of.map((_, log) => upTo.filter((place) => place.log === log).length);
  return { cut, log: all[index]?.log ?? 0, isInclusive };
}

const request = fc.record({
  order: fc.constantFrom(...ORDERS),
  size: fc.nat({ max: 30 }),
  at: fc.constantFrom("start" as const, "end" as const),
});

/** The part of a list that Relay's paging arguments select, and its surroundings. */
function select(
  list: readonly Place[],
  size: number,
  at: "start" | "end",
  after: number | null,
  before: number | null,
) {
  const low = after === null ? 0 : after + 1;
  const high = Math.max(low, before ?? list.length);
  const [start, end] =
    at === "start" ? [low, Math.min(low + size, high)] : [Math.max(low, high - size), high];
  return { places: list.slice(start, end), before: start > 0, behind: end < list.length };
}

function page(
  of: readonly (readonly number[])[],
  order: Order,
  size: number,
  at: "start" | "end",
  after: Anchor | null,
  before: Anchor | null,
) {
  const totals: Cut = of.map((times) => times.length);
  const window = windowOf({ order, size, at }, after, before, totals);
  const needed = of.map((_, log) => rowsNeeded(window, log));
  const taken = takeWindow(window, (log, ordinal) => {
    const range = needed[log];
    const time = of[log]?.[ordinal];
    if (range === undefined || time === undefined || ordinal < range.first || ordinal > range.last) {
      throw new Error(`Row ${ordinal} of log ${log} was not asked for.`);
    }
    return time;
  });
  return { taken, totals, needed };
}

test("a window takes the events that Relay's arguments select from the merged list, in both orders and directions", () => {
  fc.assert(
    fc.property(
      logs,
      request,
      fc.nat(),
      fc.nat(),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      (of, { order, size, at }, a, b, hasA, hasB, isInclusive) => {
        const all = merge(of);
        const list = order === "OLDEST_FIRST" ? all : [...all].reverse();
        const place = (index: number) => (order === "OLDEST_FIRST" ? index : all.length - 1 - index);
        const after = hasA && all.length > 0 ? a % all.length : null;
        const before = hasB && all.length > 0 ? b % all.length : null;
        // A `before` that does not come behind `after` selects nothing, and lies outside of this law.
        if (after !== null && before !== null && before <= after) return;
        const anchor = (index: number | null) =>
          index === null ? null : anchorAt(of, all, place(index), isInclusive);
        // An inclusive cursor selects the same as a cursor of the neighbouring event.
        const [first, end] = isInclusive
          ? [after === null ? null : after - 1, before === null ? null : before + 1]
          : [after, before];
        const expected = select(list, size, at, first, end);
        const { taken, totals } = page(of, order, size, at, anchor(after), anchor(before));
        const places = taken.taken.map(({ log, ordinal }) => `${log}:${ordinal}`);
        const wanted = expected.places.map(({ log, ordinal }) => `${log}:${ordinal}`);
        expect(places).toEqual(order === "OLDEST_FIRST" ? wanted : wanted.reverse());
        const [older, newer] =
          order === "OLDEST_FIRST" ? [expected.before, expected.behind] : [expected.behind, expected.before];
        expect(hasOlder(taken.low)).toBe(older);
        expect(hasNewer(taken.high, totals)).toBe(newer);
      },
    ),
    { numRuns: RUNS },
  );
});

test("an event has the same cut on every page, and the rows of its cut were read", () => {
  fc.assert(
    fc.property(logs, request, fc.nat(), (of, { order, size, at }, index) => {
      const all = merge(of);
      if (all.length === 0) return;
      const anchor = anchorAt(of, all, index % all.length);
      const { taken, needed } = page(of, order, size, at, anchor, null);
      for (const { log, ordinal, cut } of taken.taken) {
        const at = all.findIndex((place) => place.log === log && place.ordinal === ordinal);
        expect(cut).toEqual(anchorAt(of, all, at).cut);
        for (const [other, count] of cut.entries()) {
          const range = needed[other] ?? { first: 0, last: -1 };
          if (count > 0) expect(count - 1 >= range.first && count - 1 <= range.last).toBe(true);
        }
      }
    }),
    { numRuns: RUNS },
  );
});

test("after and before that exclude each other select nothing", () => {
  const anchor = (count: number): Anchor => ({ cut: [count], log: 0, isInclusive: false });
  const window = windowOf({ order: "OLDEST_FIRST", size: 5, at: "start" }, anchor(8), anchor(3), [10]);
  expect(takeWindow(window, () => 0).taken).toEqual([]);
});
