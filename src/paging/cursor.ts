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
  writeUInt16,
  writeUInt32,
  writeVarint,
} from "./cursor-bytes.js";
import { type EventFilter } from "./filter.js";
import { type JobRef } from "./job.js";
import { type Mark } from "./row.js";
import { type Anchor } from "./window.js";

/** A position in one log: the last event taken from it. */
export type Position = { readonly ordinal: number; readonly mark: Mark };

/**
 * The content of a cursor: the position of an event in its own log, and the position in each other log of the filter at
 * that time. A null position is the beginning of a log.
 */
export type Cursor = {
  /** The index of the event's log among the logs of the filter. */
  readonly log: number;
  /** One position for each log of the filter. If all are null, the cursor stands at the beginning. */
  readonly positions: readonly (Position | null)[];
  readonly language: Language;
  /** True for a `resumeCursor`: a walk from here begins with the event itself, not with the next one. */
  readonly isInclusive: boolean;
};

/** The common first bytes of all cursors of one log in one language, and their checksum. */
type Prefix = { readonly text: string; readonly checksum: number };

/** The checksums of a cursor's job and filter. Cursors of other jobs or filters are refused. They are not secret. */
export class CursorScope {
  readonly #prefixes: Prefix[] = [];

  constructor(
    readonly job: number,
    readonly filter: number,
  ) {}

  /** @param header the first byte of a cursor */
  prefix(header: number): Prefix {
    const known = this.#prefixes[header];
    if (known !== undefined) return known;
    const bytes = Buffer.alloc(HEADER_BYTES);
    bytes[0] = header;
    bytes.writeUInt32BE(this.job, 1);
    bytes.writeUInt32BE(this.filter, 5);
    const prefix = { text: bytes.toString("base64url"), checksum: crc32(bytes) };
    this.#prefixes[header] = prefix;
    return prefix;
  }
}

/** The upper half of a cursor's first byte: its format, and whether it includes its event. */
const VERSION = 1;
const VERSION_INCLUSIVE = 2;
/** A multiple of three, so that base64 has no padding. */
const HEADER_BYTES = 9;
/** An ordinal of at most 5 bytes and a mark of 16. */
const POSITION_BYTES_MAX = 21;

/** The buffer in which cursors are built, one after the other; a cursor has at most four logs. */
const scratch = Buffer.alloc(4 * POSITION_BYTES_MAX + CHECKSUM_BYTES);
/** Views of its first bytes, by length. */
const beginnings = Array.from(scratch, (_byte, length) => scratch.subarray(0, length));

/** The scope of all cursors of one job under one filter. */
export function cursorScope(job: JobRef, filter: EventFilter): CursorScope {
  return new CursorScope(crc32(`${job.projectId}/${job.jobId}`), crc32(JSON.stringify(filter)));
}

/** Writes a cursor: URL-safe, and at most 64 characters for a single log. */
export function encodeCursor(scope: CursorScope, { log, positions, language, isInclusive }: Cursor): string {
  let at = 0;
  for (const position of positions) {
    at =
      position === null
        ? writeVarint(scratch, at, 0)
        : writePosition(scratch, at, position.ordinal, position.mark);
  }
  return encodeScratch(scope, isInclusive ? VERSION_INCLUSIVE : VERSION, log, language, at);
}

/** Writes a cursor of a single log, faster than {@link encodeCursor}, because a new page needs many. */
export function encodeSingle(scope: CursorScope, language: Language, ordinal: number, mark: Mark): string {
  return encodeScratch(scope, VERSION, 0, language, writePosition(scratch, 0, ordinal, mark));
}

/** The cursor of the beginning of `logs` logs, before their first event. */
export function encodeBeginning(scope: CursorScope, logs: number, language: Language): string {
  const positions = Array.from({ length: logs }, () => null);
  return encodeCursor(scope, { log: 0, positions, language, isInclusive: false });
}

function encodeScratch(
  scope: CursorScope,
  version: number,
  log: number,
  language: Language,
  length: number,
): string {
  const prefix = scope.prefix((version << 4) | (log << 2) | LANGUAGES.indexOf(language));
  const end = writeUInt32(
    scratch,
    length,
    crc32(beginnings[length] ?? scratch.subarray(0, length), prefix.checksum),
  );
  return prefix.text + scratch.toString("base64url", 0, end);
}

/**
 * Reads a cursor that a client sent back.
 * @param logs how many logs the filter has
 * @throws GatewayError INVALID_CURSOR
 */
export function decodeCursor(scope: CursorScope, logs: number, { cursor, argument }: CursorArgument): Cursor {
  const refuse = (why: string) => new GatewayError("INVALID_CURSOR", `${argument} ${why}`, { argument });
  const malformed = () => refuse("is malformed: it is not a cursor of this gateway.");
  const bytes = readChecked(cursor, HEADER_BYTES);
  const version = (bytes?.[0] ?? 0) >> 4;
  if (bytes === null || (version !== VERSION && version !== VERSION_INCLUSIVE)) throw malformed();
  if (bytes.readUInt32BE(1) !== scope.job) throw refuse("is a cursor of another training job or project.");
  if (bytes.readUInt32BE(5) !== scope.filter) throw refuse("is a cursor of another filter.");
  const header = bytes[0] ?? 0;
  const language = LANGUAGES[header & 3];
  const log = (header >> 2) & 3;
  const positions = readPositions(bytes.subarray(HEADER_BYTES, -CHECKSUM_BYTES), logs);
  if (language === undefined || positions === null) throw malformed();
  const isOfEvent = (positions[log] ?? null) !== null;
  const isOfBeginning = log === 0 && positions.every((position) => position === null);
  const isInclusive = version === VERSION_INCLUSIVE;
  if (!isOfEvent && (!isOfBeginning || isInclusive)) throw malformed();
  return { log, positions, language, isInclusive };
}

// Byte by byte, because it runs for each row of a new page and the methods of Buffer check each argument.
function writePosition(bytes: Buffer, start: number, ordinal: number, mark: Mark): number {
  let at = writeVarint(bytes, start, ordinal + 1);
  at = writeTime(bytes, at, mark.timeMs);
  bytes[at] = mark.kind;
  at = writeUInt32(bytes, at + 1, mark.message);
  bytes[at] = mark.rank;
  bytes[at + 1] = mark.kindRank;
  return writeUInt16(bytes, at + 2, mark.context);
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
        timeMs: readTime(bytes, at),
        kind: bytes.readUInt8(at + TIME_BYTES),
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

/**
 * The number of ordinals by which the events of a cursor have moved up since it was written. It is 0 without a cursor,
 * and for an inclusive cursor, whose event is not on the older side of the cut.
 */
export function anchorShift(cursor: Cursor | null, anchor: Anchor | null): number {
  if (cursor === null || anchor === null || cursor.isInclusive) return 0;
  let shift = 0;
  anchor.cut.forEach((count, log) => {
    const position = cursor.positions[log] ?? null;
    if (position !== null) shift += count - (position.ordinal + 1);
  });
  return shift;
}
