import { crc32 } from "node:zlib";

/** A value with what the stores must know of it. All moments are in milliseconds since the epoch. */
export type Entry = {
  /** When its content was read from its source. Of two entries under one key the later one is kept. */
  readonly readAtMs: number;
  /**
   * For how long after that no store need look for a later one, in milliseconds. 0 where something already speaks
   * against it: such an entry is kept for what it still tells, and is no answer.
   */
  readonly freshMs: number;
  /** When every store forgets it. */
  readonly keptUntilMs: number;
  /** Since when this process has had it; not stored with it. */
  readonly heldSinceMs: number;
  readonly value: Buffer;
};

/** The format of stored bytes; another one is another tag, so that processes of both can share a Redis. */
export const FORMAT = "mae2";

/** The widths of the columns that follow the format, in their order and in bytes; the checksum is hexadecimal. */
const WIDTHS = { readAtMs: 13, freshMs: 10, keptUntilMs: 13, length: 8, checksum: 8 };
export type Column = keyof typeof WIDTHS;

const patterns = Object.entries(WIDTHS).map(([column, width]) =>
  column === "checksum" ? `([0-9a-f]{${width}})` : `(\\d{${width}})`,
);
const HEADER = new RegExp(`^${FORMAT}${patterns.join("")}$`);

/** Where a column begins, and where the next one does, in bytes. */
export function placeOf(column: Column): { readonly start: number; readonly end: number } {
  let start = FORMAT.length;
  for (const [before, width] of Object.entries(WIDTHS)) {
    if (before === column) break;
    start += width;
  }
  return { start, end: start + WIDTHS[column] };
}

/** Bytes before the value. */
export const HEADER_BYTES = placeOf("checksum").end;

/** By how much the clock of another process may be ahead, in milliseconds; what is from later still is not believed. */
export const CLOCK_SKEW_MS = 5_000;

/** The stored form of an entry; its header has fixed columns of ASCII, so that a script in Redis can read it. */
export function packEntry({ readAtMs, freshMs, keptUntilMs, value }: Entry): Buffer {
  const header =
    FORMAT +
    decimal(readAtMs, WIDTHS.readAtMs) +
    decimal(freshMs, WIDTHS.freshMs) +
    decimal(keptUntilMs, WIDTHS.keptUntilMs) +
    decimal(value.length, WIDTHS.length) +
    crc32(value).toString(16).padStart(WIDTHS.checksum, "0");
  return Buffer.concat([Buffer.from(header, "latin1"), value]);
}

/** The entry in stored bytes; null where they hold anything else, or an entry whose time is over or yet to come. */
export function unpackEntry(bytes: unknown, nowMs: number): Entry | null {
  if (!Buffer.isBuffer(bytes) || bytes.length < HEADER_BYTES) return null;
  const columns = HEADER.exec(bytes.toString("latin1", 0, HEADER_BYTES));
  if (columns === null) return null;
  const [readAtMs = 0, freshMs = 0, keptUntilMs = 0, length = 0] = columns.slice(1, 5).map(Number);
  const part = bytes.subarray(HEADER_BYTES);
  if (part.length !== length || crc32(part) !== parseInt(columns[5] ?? "", 16)) return null;
  if (readAtMs > nowMs + CLOCK_SKEW_MS || keptUntilMs <= nowMs) return null;
  // A copy, and of a size of its own: a part of a reply would keep all that came with it on the socket.
  const value = Buffer.allocUnsafeSlow(length);
  part.copy(value);
  return { readAtMs, freshMs, keptUntilMs, heldSinceMs: nowMs, value };
}

/** Whether no store need look for a later entry. */
export function isFreshEntry(entry: Entry, nowMs: number): boolean {
  return nowMs < entry.readAtMs + entry.freshMs;
}

function decimal(value: number, width: number): string {
  return Math.min(Math.max(0, Math.floor(value)), 10 ** width - 1)
    .toString()
    .padStart(width, "0");
}
