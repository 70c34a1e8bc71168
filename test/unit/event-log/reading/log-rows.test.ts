import { expect, test } from "@jest/globals";
import { type MaybeAsync, run, waitFor } from "../../../../src/common/maybe-async.js";
import { type EventLog } from "../../../../src/event-log/event-log.js";
import { type OperationLoader } from "../../../../src/event-log/operation-loader.js";
import { LogReader } from "../../../../src/event-log/reading/log-reader.js";
import { LogChanged, LogRows } from "../../../../src/event-log/reading/log-rows.js";
import { checkEnd, readOneState } from "../../../../src/event-log/reading/one-state.js";
import { type Segment } from "../../../../src/event-log/segment.js";
import { type Cut } from "../../../../src/paging/window.js";
import { rowOf } from "../../../../src/paging/row.js";

const LOG = {} as EventLog;
const READS = { startedAtMs: 0, raiseFloor: (): void => undefined };

/** Rows of a log with one event a second. */
function segment(start: number, end: number, total: number, readAtMs: number): Segment {
  const rows = Array.from({ length: end - start }, (_, index) => {
    const message = `event ${start + index}`;
    return rowOf({ timeMs: (start + index) * 1_000, level: null, source: null, message });
  });
  return { start, rows, total, readAtMs };
}

function add(rows: LogRows, part: Segment): void {
  rows.add(part, part.total, part.readAtMs, false);
}

/** A reader that has read these rows. */
function readerOf(collected: LogRows): LogReader {
  const reader = new LogReader(LOG, { hint: () => null } as unknown as OperationLoader, 0, false);
  Object.assign(reader, { collected });
  return reader;
}

test("of two calls that overlap, the one that began first can have the later total", () => {
  const rows = new LogRows(LOG, READS, 0, false);
  add(rows, segment(0, 100, 199, 1_010));
  // A late event between the calls moved the newest event to ordinal 199.
  add(rows, segment(99, 199, 200, 1_000));
  expect(rows.total).toBe(200);
});

test("rows that share none with the others, and an earlier call with a larger total, need another reading", () => {
  const rows = new LogRows(LOG, READS, 0, false);
  add(rows, segment(150, 199, 199, 1_010));
  expect(() => {
    add(rows, segment(0, 100, 200, 1_000));
  }).toThrow(LogChanged);
});

test("rows that touch the end of another reading, but share no row with it, can belong to another log", () => {
  const below = segment(0, 60, 60, 1_000);
  const above = segment(60, 140, 140, 1_010);
  for (const [first, second] of [
    [below, above],
    [above, below],
  ] as const) {
    const rows = new LogRows(LOG, READS, 0, false);
    add(rows, first);
    const addSecond = (): void => {
      add(rows, second);
    };
    expect(addSecond).toThrow(expect.objectContaining({ name: "LogChanged", sinceMs: 1_010 }));
  }
});

test("a page does not count a late event that has not moved its rows", () => {
  const collected = new LogRows(LOG, READS, 0, false);
  add(collected, segment(99, 199, 199, 1_010));
  // The first call was answered last, after a late event with an ordinal above 99.
  add(collected, segment(0, 100, 200, 1_000));
  const reader = readerOf(collected);
  const windows: number[] = [];
  const read = function* ([total = 0]: Cut): MaybeAsync<{ page: { high: Cut } }> {
    yield* waitFor(null);
    windows.push(total);
    return { page: { high: [199] } };
  };
  expect(run(readOneState([reader], [collected.total], read))).toMatchObject({
    totals: [199],
    asOfMs: 1_010,
  });
  expect(windows).toEqual([200, 199]);
});

test("a page that ends where its rows were read last does not count later events of other rows", () => {
  const collected = new LogRows(LOG, READS, 0, false);
  add(collected, segment(0, 100, 201, 1_010));
  // Another process has read the first rows after a late event with an ordinal above 99.
  add(collected, segment(120, 200, 200, 1_000));
  add(collected, segment(99, 199, 200, 1_000));
  const reader = readerOf(collected);
  const check = (high: number) => () => run(checkEnd([reader], [high]));
  expect(check(200)).toThrow(LogChanged);
  expect(check(200)).toThrow(expect.objectContaining({ sinceMs: 1_010 }));
  expect(check(199)).not.toThrow();
});

test("the total of rows is not replaced by the smaller one of a call that was answered before", () => {
  const rows = new LogRows(LOG, READS, 0, false);
  // A late event with an ordinal below 99 came after the answer to the call that began later.
  add(rows, segment(99, 148, 148, 1_000));
  const tail = segment(148, 148, 147, 1_010);
  expect(rows.totalAt(148, tail, 0)).toEqual({ count: 148, atMs: 1_000 });
  expect(rows.totalAt(148, { ...tail, total: 150 }, 0)).toEqual({ count: 150, atMs: 1_010 });
});

test("a log that was empty is read from its first row when it has grown", () => {
  const rows = new LogRows(LOG, READS, 0, false);
  add(rows, segment(0, 0, 0, 1_000));
  expect(rows.blocksAround("row", { first: 0, last: 2 }).map(({ offset }) => offset)).toEqual([0]);
});
