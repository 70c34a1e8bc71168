import { crc32 } from "node:zlib";

/** A value with the metadata that stores need. All moments are in milliseconds since the epoch. */
export type Entry = {
  /** The moment at which its content was read from its source. Of two entries under one key, the later one wins. */
  readonly readAtMs: number;
  /**
   * The lifetime in milliseconds, counted from `readAtMs`. During this time, stores use the entry and do not look for a
   * later one. 0 marks an outdated entry: it is a hint and never an answer.
   */
  readonly freshMs: number;
  /** The moment at which every store drops it. */
  readonly keptUntilMs: number;
  /** The moment at which this process read it or got it from Redis; not stored. */
  readonly receivedAtMs: number;
  readonly value: Buffer;
};

/**
 * The version of the header of stored entries. Raise it if the columns of the header change, so that old and new
 * processes can share a Redis. If a key or a value changes, raise the version in `keys.ts` instead.
 */
export const FORMAT = "mae2";

/** The widths of the columns that follow the format, in their order and in bytes; the checksum is hexadecimal. */
const WIDTHS = { readAtMs: 13, freshMs: 10, keptUntilMs: 13, length: 8, checksum: 8 };
export type Column = keyof typeof WIDTHS;

const patterns = Object.entries(WIDTHS).map(([column, width]) =>
  column === "checksum" ? `([0-9a-f]{${width}})` : `(\\d{${width}})`,
);
const HEADER = new RegExp(`^${FORMAT}${patterns.join("")}$`);

/** The first byte of a column, and the first byte after it. */
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

/**
 * How far clocks that follow the same Redis can differ, in milliseconds. Readings that are further in the future are
 * ignored.
 */
export const CLOCK_SKEW_MS = 250;

/** Encodes an entry. Its header has fixed ASCII columns, so a script in Redis can read it. */
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

/** Decodes an entry; null for other bytes, and for an entry that has expired or comes from the future. */
export function unpackEntry(bytes: unknown, nowMs: number): Entry | null {
  if (!Buffer.isBuffer(bytes) || bytes.length < HEADER_BYTES) return null;
  const columns = HEADER.exec(bytes.toString("latin1", 0, HEADER_BYTES));
  if (columns === null) return null;
  const [readAtMs = 0, freshMs = 0, keptUntilMs = 0, length = 0] = columns.slice(1, 5).map(Number);
  const part = bytes.subarray(HEADER_BYTES);
  if (part.length !== length || crc32(part) !== parseInt(columns[5] ?? "", 16)) return null;
  if (readAtMs > nowMs + CLOCK_SKEW_MS || keptUntilMs <= nowMs) return null;
  // A copy, because a slice would keep the whole reply of the socket in memory.
  const value = Buffer.allocUnsafeSlow(length);
  part.copy(value);
  return { readAtMs, freshMs, keptUntilMs, receivedAtMs: nowMs, value };
}

/** Whether an entry is within its lifetime, so that stores do not look for a later one. */
export function isFreshEntry(entry: Entry, nowMs: number): boolean {
  return nowMs < entry.readAtMs + entry.freshMs;
}

function decimal(value: number, width: number): string {
  return Math.min(Math.max(0, Math.floor(value)), 10 ** width - 1)
    .toString()
    .padStart(width, "0");
}
