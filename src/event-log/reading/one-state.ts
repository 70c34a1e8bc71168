import { allOf, type MaybeAsync } from "../../common/maybe-async.js";
import { type Cut } from "../../paging/window.js";
import { LogReader } from "./log-reader.js";
import { LogChanged } from "./log-rows.js";
import { type PageReader } from "./page-reader.js";

/** The maximum number of times that the window of a page is moved. */
const ROUNDS_MAX = 3;

/** Rows of a page, up to an ordinal of each log. */
type Part = { readonly page: { readonly high: Cut } };

/** A page with the totals of the state that it shows, and the moment of the earliest of them. */
type OneState<T> = { readonly part: T; readonly totals: Cut; readonly asOfMs: number };

/**
 * Reads a page whose window depends on the totals of the logs, so that its rows and its totals are of one state. A
 * later total can count a late event that has moved the rows.
 * @param totals the newest totals
 * @param read reads the page for these totals
 * @throws LogChanged if each of these totals belongs to other rows
 */
export function* readOneState<T extends Part>(
  readers: readonly LogReader[],
  totals: Cut,
  read: (totals: Cut) => MaybeAsync<T>,
): MaybeAsync<OneState<T>> {
  for (let round = 0, current = totals; ; round += 1) {
    const part = yield* read(current);
    // Nearly all pages come from readings with the same total.
    if (!readers.some(({ collected }) => collected.isMixed))
      return { part, totals: current, asOfMs: asOfAll(readers) };
    const shown = yield* allOf(readers.map((reader, log) => reader.totalAt(part.page.high[log] ?? 0)));
    const other = shown.findIndex(({ count }, log) => count !== current[log]);
    const asOfMs = Math.min(...shown.map(({ atMs }) => atMs));
    if (other < 0) return { part, totals: current, asOfMs };
    const reader = readers[other];
    if (round === ROUNDS_MAX && reader !== undefined) throw new LogChanged(reader.log, asOfMs + 1);
    current = shown.map(({ count }) => count);
  }
}

/**
 * Checks the newest end of a page. If its rows end where their own reading of the log ends, but another reading counts
 * more events, it is not known whether these are newer, or late events among the rows.
 * @param high the ordinal after the newest event of the page, for each log
 * @throws LogChanged
 */
export function* checkEnd(readers: readonly PageReader[], high: Cut): MaybeAsync<void> {
  for (const [log, reader] of readers.entries()) {
    // The rows of another reader bring the end of the log with them.
    if (!(reader instanceof LogReader) || !reader.collected.isMixed) continue;
    const end = high[log] ?? 0;
    const { count } = yield* reader.totalAt(end);
    if (end >= count && count < reader.totalCount) throw new LogChanged(reader.log, reader.asOfMs);
  }
}

/** The earliest moment of the newest totals. */
export function asOfAll(readers: readonly PageReader[]): number {
  return Math.min(...readers.map((reader) => reader.asOfMs));
}
