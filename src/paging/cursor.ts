import { crc32 } from "node:zlib";
import { GatewayError } from "../errors.js";
import { type Language } from "../training-job-event.js";
import { type CursorArgument } from "./arguments.js";
import { type EventFilter } from "./filter.js";
import { type JobRef } from "./job.js";
import { type Mark } from "./row.js";

/** A place in one log: the event last taken from it. */
export type Position = { readonly ordinal: number; readonly mark: Mark };

/**
 * What a cursor says: an event, as the place in its own log, and how far each other log of the filter had been
 * read when it was shown. A null position is the beginning of a log.
 */
export type Cursor = {
  /** Which of the filter's logs the event is of. */
  readonly log: number;
  /** One for each log of the filter. */
  readonly positions: readonly (Position | null)[];
  readonly language: Language;
};

/** Checksums of what a cursor belongs to: it is refused elsewhere. They keep nothing secret. */
export type CursorScope = { readonly job: number; readonly filter: number };

const VERSION = 1;
/** The beginning of what RFC 3339 can write; counted from there, no time is negative. */
const YEAR_0_S = Date.parse("0000-01-01T00:00:00Z") / 1000;
/** The upstream counts in 32 bits with a sign. */
const ORDINAL_MAX = 2 ** 31 - 1;
const LANGUAGES: readonly Language[] = [null, "en-us", "zh-cn"];
const HEADER_BYTES = 9;
const CHECKSUM_BYTES = 4;
/** An ordinal of at most 5 bytes and a mark of 16. */
const POSITION_BYTES_MAX = 21;
const LENGTH_MAX = 200;

/** Where cursors are put together, one after the other: at most four logs are in one. */
const scratch = Buffer.alloc(HEADER_BYTES + 4 * POSITION_BYTES_MAX + CHECKSUM_BYTES);

/** The scope of all cursors of one job under one filter. */
export function cursorScope(job: JobRef, filter: EventFilter): CursorScope {
  return { job: crc32(`${job.projectId}/${job.jobId}`), filter: crc32(JSON.stringify(filter)) };
}

/** Writes a cursor: URL-safe, and at most 64 characters for a single log. */
export function encodeCursor(scope: CursorScope, cursor: Cursor): string {
  const bytes = scratch;
  bytes[0] = (VERSION << 4) | (cursor.log << 2) | LANGUAGES.indexOf(cursor.language);
  bytes.writeUInt32BE(scope.job, 1);
  bytes.writeUInt32BE(scope.filter, 5);
  let at = HEADER_BYTES;
  for (const position of cursor.positions) at = writePosition(bytes, at, position);
  at = bytes.writeUInt32BE(crc32(bytes.subarray(0, at)), at);
  return bytes.toString("base64url", 0, at);
}

/**
 * Reads a cursor that a client sent back.
 * @param logs how many logs the filter has
 * @throws GatewayError INVALID_CURSOR
 */
export function decodeCursor(scope: CursorScope, logs: number, { cursor, argument }: CursorArgument): Cursor {
  const refuse = (why: string) => new GatewayError("INVALID_CURSOR", `${argument} ${why}`, { argument });
  const malformed = () => refuse("is malformed: it is not a cursor that this gateway gave out.");
  const bytes = readBytes(cursor);
  if (bytes === null || (bytes[0] ?? 0) >> 4 !== VERSION) throw malformed();
  if (bytes.readUInt32BE(1) !== scope.job) throw refuse("is a cursor of another training job or project.");
  if (bytes.readUInt32BE(5) !== scope.filter) throw refuse("is a cursor of another filter.");
  const header = bytes[0] ?? 0;
  const language = LANGUAGES[header & 3];
  const log = (header >> 2) & 3;
  const positions = readPositions(bytes.subarray(HEADER_BYTES, -CHECKSUM_BYTES), logs);
  if (language === undefined || positions === null || (positions[log] ?? null) === null) throw malformed();
  return { log, positions, language };
}

function writePosition(bytes: Buffer, start: number, position: Position | null): number {
  let at = writeVarint(bytes, start, position === null ? 0 : position.ordinal + 1);
  if (position === null) return at;
  const { mark } = position;
  const second = Math.floor(mark.timeMs / 1000);
  at = bytes.writeUIntBE(second - YEAR_0_S, at, 5);
  at = bytes.writeUInt16BE(mark.timeMs - second * 1000, at);
  at = bytes.writeUInt8(mark.kind, at);
  at = bytes.writeUInt32BE(mark.message, at);
  at = bytes.writeUInt8(mark.rank, at);
  at = bytes.writeUInt8(mark.kindRank, at);
  return bytes.writeUInt16BE(mark.context, at);
}

function readPositions(bytes: Buffer, count: number): (Position | null)[] | null {
  const positions: (Position | null)[] = [];
  let at = 0;
  try {
    while (positions.length < count) {
      const [value, next] = readVarint(bytes, at);
      at = next;
      if (value === 0) {
        positions.push(null);
        continue;
      }
      const mark = {
        timeMs: (bytes.readUIntBE(at, 5) + YEAR_0_S) * 1000 + bytes.readUInt16BE(at + 5),
        kind: bytes.readUInt8(at + 7),
        message: bytes.readUInt32BE(at + 8),
        rank: bytes.readUInt8(at + 12),
        kindRank: bytes.readUInt8(at + 13),
        context: bytes.readUInt16BE(at + 14),
      };
      at += 16;
      positions.push({ ordinal: value - 1, mark });
    }
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  return at === bytes.length ? positions : null;
}

function readBytes(cursor: string): Buffer | null {
  if (cursor.length > LENGTH_MAX || !/^[A-Za-z0-9_-]+$/.test(cursor)) return null;
  const bytes = Buffer.from(cursor, "base64url");
  if (bytes.length < HEADER_BYTES + CHECKSUM_BYTES) return null;
  // Base64 has spare bits at its end: two spellings of one cursor must not both be taken.
  if (bytes.toString("base64url") !== cursor) return null;
  const end = bytes.length - CHECKSUM_BYTES;
  return crc32(bytes.subarray(0, end)) === bytes.readUInt32BE(end) ? bytes : null;
}

function writeVarint(bytes: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 128) {
    at = bytes.writeUInt8((rest % 128) + 128, at);
    rest = Math.floor(rest / 128);
  }
  return bytes.writeUInt8(rest, at);
}

function readVarint(bytes: Buffer, start: number): [value: number, next: number] {
  let value = 0;
  let factor = 1;
  for (let at = start; at < start + 5; at += 1) {
    const byte = bytes.readUInt8(at);
    value += (byte % 128) * factor;
    factor *= 128;
    if (byte >= 128) continue;
    if (value > ORDINAL_MAX) break;
    return [value, at + 1];
  }
  throw new RangeError("An ordinal that no upstream counts to.");
}
