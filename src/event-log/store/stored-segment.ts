import { KINDS, Row } from "../../paging/row.js";
import { BLOCK_ROWS } from "../geometry.js";
import { type Segment } from "../segment.js";

/**
 * The stored form of a segment, little-endian: start and total (32 bits each), when it was read (a double), how many
 * rows, and how the text is coded (a byte each); for each row its time (a double), its kind with PLAIN (a byte), the
 * checksum of its message and where that ends in the text (32 bits each); then the text, all messages in one. What
 * would have to be made of each row again, for cursors and for JSON, is stored with it, and nothing has to be parsed.
 */
const HEADER_BYTES = 18;
const ROW_BYTES = 17;

/** UTF-8 loses halves of surrogate pairs, which JSON can hold. */
const CODINGS = ["utf8", "utf16le"] as const;

/** Set in a row's kind where its message is the same in JSON but for the quotes. */
const PLAIN = 0x80;

export function packSegment({ start, total, readAtMs, rows }: Segment): Buffer {
  const text = rows.map(({ message }) => message).join("");
  const coding = text.isWellFormed() ? 0 : 1;
  const textAt = HEADER_BYTES + ROW_BYTES * rows.length;
  // Of a buffer from the pool more would be held than is counted.
  const bytes = Buffer.allocUnsafeSlow(textAt + Buffer.byteLength(text, CODINGS[coding]));
  bytes.writeUInt32LE(start, 0);
  bytes.writeUInt32LE(total, 4);
  bytes.writeDoubleLE(readAtMs, 8);
  bytes.writeUInt8(rows.length, 16);
  bytes.writeUInt8(coding, 17);
  let at = HEADER_BYTES;
  let end = 0;
  for (const { timeMs, kind, isPlain, checksum, message } of rows) {
    end += message.length;
    bytes.writeDoubleLE(timeMs, at);
    bytes.writeUInt8(isPlain ? kind | PLAIN : kind, at + 8);
    bytes.writeUInt32LE(checksum, at + 9);
    bytes.writeUInt32LE(end, at + 13);
    at += ROW_BYTES;
  }
  bytes.write(text, textAt, CODINGS[coding]);
  return bytes;
}

/** The segment in a stored form, or null where it is not one: caches may hold anything. */
export function unpackSegment(bytes: Buffer): Segment | null {
  if (bytes.length < HEADER_BYTES) return null;
  const start = bytes.readUInt32LE(0);
  const total = bytes.readUInt32LE(4);
  const readAtMs = bytes.readDoubleLE(8);
  const count = bytes.readUInt8(16);
  const coding = CODINGS[bytes.readUInt8(17)];
  const textAt = HEADER_BYTES + ROW_BYTES * count;
  // A run without rows may lie behind the end of the log.
  const isBeyondEnd = count > 0 && start + count > total;
  if (count > BLOCK_ROWS || isBeyondEnd || !isMoment(readAtMs)) return null;
  if (coding === undefined || bytes.length < textAt) return null;
  const text = bytes.toString(coding, textAt);
  const rows: Row[] = [];
  let from = 0;
  for (let at = HEADER_BYTES; at < textAt; at += ROW_BYTES) {
    const timeMs = bytes.readDoubleLE(at);
    const kindByte = bytes.readUInt8(at + 8);
    const kind = kindByte & ~PLAIN;
    const known = KINDS[kind];
    const checksum = bytes.readUInt32LE(at + 9);
    const to = bytes.readUInt32LE(at + 13);
    if (known === undefined || !Number.isSafeInteger(timeMs) || to < from || to > text.length) return null;
    const message = text.slice(from, to);
    rows.push(new Row(timeMs, known.level, known.source, message, kind, checksum, kindByte >= PLAIN));
    from = to;
  }
  return from === text.length ? { start, total, readAtMs, rows } : null;
}

/** Whether a stored value is a moment as a clock gives it, in milliseconds since the epoch. */
export function isMoment(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
