import { crc32 } from "node:zlib";
import { GatewayError } from "../errors.js";
import { type Language } from "../training-job-event.js";
import { type CursorArgument } from "./arguments.js";
import {
  CHECKSUM_BYTES,
  LANGUAGES,
  readChecked,
  readTime,
  readVarint,
  TIME_BYTES,
  writeTime,
  writeUInt32,
  writeVarint,
} from "./cursor-bytes.js";
import { type Row } from "./row.js";

/**
 * The content of an event ID: it identifies the event, independent of its position in a list. A filter selects all
 * exact repeats of an event or none, so the rank among them is the same under every filter.
 */
export type EventId = {
  readonly timeMs: number;
  /** Level and source as one small number. */
  readonly kind: number;
  /** Checksum of the message. */
  readonly message: number;
  /** The number of earlier exact repeats in the same second. */
  readonly rank: number;
  /** The language of the message. */
  readonly language: Language;
};

/** The upper half of the first byte; cursors have other numbers there. */
const VERSION = 3;
/** Version and language, and the checksum of the job. */
const HEADER_BYTES = 5;
const RANK_BYTES_MAX = 5;

const scratch = Buffer.alloc(HEADER_BYTES + TIME_BYTES + 1 + 4 + RANK_BYTES_MAX + CHECKSUM_BYTES);

/** Writes an ID: URL-safe, about 30 characters. @param job the checksum of the job, as in cursors */
export function encodeEventId(job: number, { timeMs, kind, message, rank, language }: EventId): string {
  scratch[0] = (VERSION << 4) | LANGUAGES.indexOf(language);
  let at = writeTime(scratch, writeUInt32(scratch, 1, job), timeMs);
  scratch[at] = kind;
  at = writeVarint(scratch, writeUInt32(scratch, at + 1, message), rank);
  const end = writeUInt32(scratch, at, crc32(scratch.subarray(0, at)));
  return scratch.toString("base64url", 0, end);
}

/**
 * Reads an ID that a client sent back.
 * @throws GatewayError INVALID_CURSOR
 */
export function decodeEventId(job: number, { cursor, argument }: CursorArgument): EventId {
  const refuse = (why: string) => new GatewayError("INVALID_CURSOR", `${argument} ${why}`, { argument });
  const malformed = () => refuse("is malformed: it is not the ID of an event from this gateway.");
  const bytes = readChecked(cursor, HEADER_BYTES);
  if (bytes === null || (bytes[0] ?? 0) >> 4 !== VERSION) throw malformed();
  if (bytes.readUInt32BE(1) !== job)
    throw refuse("is the ID of an event of another training job or project.");
  const language = LANGUAGES[(bytes[0] ?? 0) & 0xf];
  const id = readBody(bytes.subarray(HEADER_BYTES, -CHECKSUM_BYTES));
  if (language === undefined || id === null) throw malformed();
  return { ...id, language };
}

/** Whether a row is the event of an ID or an exact repeat of it. */
export function isRepeatOf({ timeMs, kind, message }: EventId, row: Row): boolean {
  return row.timeMs === timeMs && row.kind === kind && row.checksum === message;
}

function readBody(bytes: Buffer): Omit<EventId, "language"> | null {
  try {
    const kindAt = TIME_BYTES;
    const [rank, end] = readVarint(bytes, kindAt + 5);
    if (end !== bytes.length) return null;
    return {
      timeMs: readTime(bytes, 0),
      kind: bytes.readUInt8(kindAt),
      message: bytes.readUInt32BE(kindAt + 1),
      rank,
    };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
