import { crc32 } from "node:zlib";
import { type Row } from "../../paging/row.js";
import { type Segment } from "../segment.js";

/**
 * What the oldest rows of a log were when they were last read. A trim changes them although the log may be as long as
 * before, because late events can replace the trimmed ones.
 */
export type Origin = {
  readonly count: number;
  /** Of the `count` oldest rows. */
  readonly checksum: number;
  readonly readAtMs: number;
  /** The first of the readings that all agree with this one, without a gap. */
  readonly sinceMs: number;
};

/** The origin that a reading of the oldest rows shows. */
export function originOf({ rows, readAtMs }: Segment, sinceMs = readAtMs): Origin {
  return { count: rows.length, checksum: checksumOf(rows), readAtMs, sinceMs };
}

/** Whether a later reading of the oldest rows shows the same rows. A shorter reading cannot tell. */
export function isSameOrigin({ count, checksum }: Origin, { rows }: Segment): boolean {
  return rows.length < count || checksumOf(rows.slice(0, count)) === checksum;
}

/** The origin after another reading of the oldest rows that agrees with it. */
export function renewedOrigin(origin: Origin, read: Segment): Origin {
  if (read.readAtMs < origin.readAtMs) return origin;
  return read.rows.length < origin.count
    ? { ...origin, readAtMs: read.readAtMs }
    : originOf(read, origin.sinceMs);
}

function checksumOf(rows: readonly Row[]): number {
  let checksum = 0;
  for (const row of rows) checksum = crc32(`${row.timeMs} ${row.kind} ${row.checksum}\n`, checksum);
  return checksum;
}
