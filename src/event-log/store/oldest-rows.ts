import { crc32 } from "node:zlib";
import { type Row } from "../../paging/row.js";
import { type Segment } from "../segment.js";

/**
 * The oldest rows of a log at their last reading. A trim changes them, even if late events replace the trimmed ones and
 * the total stays the same.
 */
export type OldestRows = {
  readonly count: number;
  /** The checksum of the `count` oldest rows. */
  readonly checksum: number;
  readonly readAtMs: number;
  /** When the first one of the consecutive readings that agree with this one was complete. */
  readonly sinceMs: number;
};

/** Summarizes a reading of the oldest rows. @param sinceMs a moment after the first reading that agrees with it */
export function oldestRowsOf({ rows, readAtMs }: Segment, sinceMs: number): OldestRows {
  return { count: rows.length, checksum: checksumOf(rows), readAtMs, sinceMs };
}

/** Whether a later reading of the oldest rows shows the same rows, or too few rows to compare. */
export function hasSameOldestRows({ count, checksum }: OldestRows, { rows }: Segment): boolean {
  return rows.length < count || checksumOf(rows.slice(0, count)) === checksum;
}

/** The summary after another reading of the oldest rows that agrees with it. */
export function renewedOldestRows(oldestRows: OldestRows, read: Segment): OldestRows {
  if (read.readAtMs < oldestRows.readAtMs) return oldestRows;
  return read.rows.length < oldestRows.count
    ? { ...oldestRows, readAtMs: read.readAtMs }
    : oldestRowsOf(read, oldestRows.sinceMs);
}

function checksumOf(rows: readonly Row[]): number {
  let checksum = 0;
  for (const row of rows) checksum = crc32(`${row.timeMs} ${row.kind} ${row.checksum}\n`, checksum);
  return checksum;
}
