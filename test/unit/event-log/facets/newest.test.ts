import { expect, test } from "@jest/globals";
import { type LogReader } from "../../../../src/event-log/reading/log-reader.js";
import { LogChanged } from "../../../../src/event-log/reading/log-rows.js";
import { readNewest } from "../../../../src/event-log/facets/read-newest.js";
import { run } from "../../../../src/common/maybe-async.js";

const PAGE_MS = 1_000;

/** A reader whose newest rows end below the total of a page, and whose log has changed since the page was read. */
function shortReader(sinceMs: number): LogReader {
  const reads = { startedAtMs: PAGE_MS, hint: () => ({ floorMs: PAGE_MS + 5 }) };
  const tail = { start: 0, rows: Array.from({ length: 120 }, () => null) };
  const knownTail = function* () {
    yield* [];
    return tail;
  };
  return { log: {}, reads, sinceMs, asOfMs: PAGE_MS + 5, knownTail } as unknown as LogReader;
}

test("rows that a call beside those of a page has read do not show that the log was trimmed after it", () => {
  const read = (sinceMs: number) => () => run(readNewest([shortReader(sinceMs)], [121], PAGE_MS));
  expect(read(0)).toThrow(LogChanged);
  expect(read(0)).toThrow(expect.objectContaining({ sinceMs: PAGE_MS + 6 }));
  expect(read(PAGE_MS + 6)()).toMatchObject({ totals: [120] });
});
