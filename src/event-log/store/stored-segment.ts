import { type StoredTexts } from "../../paging/rendered-row.js";
import { KIND, STORED_TEXTS } from "../../paging/row-form.js";
import { KINDS, Row, RowWithTexts } from "../../paging/row.js";
import { BLOCK_ROWS } from "../geometry.js";
import { type Segment } from "../segment.js";

/**
 * The stored form of a segment, little-endian: start and total (32 bits each), the moment of the reading (a double),
 * the number of rows and the encoding of the text (a byte each). For each row: its time (a double), its kind and form
 * (a byte), the checksum of its message and the end of the message in the text (32 bits each). Then the text with all
 * messages. Values that cursors and JSON need for each row are stored, so nothing has to be parsed or computed again.
 * If the level or source of rows has an unknown text, these texts follow the messages as JSON.
 */
const HEADER_BYTES = 18;
const ROW_BYTES = 17;

/** UTF-8 cannot encode halves of surrogate pairs, which JSON can contain. */
const CODINGS = ["utf8", "utf16le"] as const;

export function packSegment({ start, total, readAtMs, rows }: Segment): Buffer {
  const text = rows.map(({ message }) => message).join("") + packTexts(rows);
  const coding = text.isWellFormed() ? 0 : 1;
  const textAt = HEADER_BYTES + ROW_BYTES * rows.length;
  // A buffer from Node's pool would keep more memory than is counted.
  const bytes = Buffer.allocUnsafeSlow(textAt + Buffer.byteLength(text, CODINGS[coding]));
  bytes.writeUInt32LE(start, 0);
  bytes.writeUInt32LE(total, 4);
  bytes.writeDoubleLE(readAtMs, 8);
  bytes.writeUInt8(rows.length, 16);
  bytes.writeUInt8(coding, 17);
  let at = HEADER_BYTES;
  let end = 0;
  for (const { timeMs, kind, form, checksum, message } of rows) {
    end += message.length;
    bytes.writeDoubleLE(timeMs, at);
    bytes.writeUInt8(kind | form, at + 8);
    bytes.writeUInt32LE(checksum, at + 9);
    bytes.writeUInt32LE(end, at + 13);
    at += ROW_BYTES;
  }
  bytes.write(text, textAt, CODINGS[coding]);
  return bytes;
}

/** Decodes a stored segment; null if the bytes have another form, because a cache can contain anything. */
export function unpackSegment(bytes: Buffer): Segment | null {
  if (bytes.length < HEADER_BYTES) return null;
  const start = bytes.readUInt32LE(0);
  const total = bytes.readUInt32LE(4);
  const readAtMs = bytes.readDoubleLE(8);
  const count = bytes.readUInt8(16);
  const coding = CODINGS[bytes.readUInt8(17)];
  const textAt = HEADER_BYTES + ROW_BYTES * count;
  // A run without rows can be after the end of the log.
  const isBeyondEnd = count > 0 && start + count > total;
  if (count > BLOCK_ROWS || isBeyondEnd || !isMoment(readAtMs)) return null;
  if (coding === undefined || bytes.length < textAt) return null;
  const text = bytes.toString(coding, textAt);
  const textsAt = count === 0 ? 0 : bytes.readUInt32LE(textAt - 4);
  const texts = unpackTexts(text.slice(textsAt));
  if (texts === null) return null;
  const rows: Row[] = [];
  let from = 0;
  for (let at = HEADER_BYTES; at < textAt; at += ROW_BYTES) {
    const timeMs = bytes.readDoubleLE(at);
    const kindAndForm = bytes.readUInt8(at + 8);
    const kind = kindAndForm & KIND;
    const form = kindAndForm & ~KIND;
    const known = KINDS[kind];
    const checksum = bytes.readUInt32LE(at + 9);
    const to = bytes.readUInt32LE(at + 13);
    if (known === undefined || !Number.isSafeInteger(timeMs) || to < from || to > text.length) return null;
    const message = text.slice(from, to);
    const { level, source } = known;
    if ((form & STORED_TEXTS) === 0) {
      rows.push(new Row(timeMs, level, source, message, kind, checksum, form));
    } else {
      const own = texts.shift();
      if (own === undefined) return null;
      rows.push(new RowWithTexts(timeMs, level, source, message, kind, checksum, form, own));
    }
    from = to;
  }
  return texts.length === 0 ? { start, total, readAtMs, rows } : null;
}

/** The texts of unknown levels and sources; empty if there are none. */
function packTexts(rows: readonly Row[]): string {
  const withTexts = rows.filter(({ form }) => (form & STORED_TEXTS) !== 0);
  if (withTexts.length === 0) return "";
  return JSON.stringify(withTexts.map(({ levelText, sourceText }) => [levelText, sourceText]));
}

function unpackTexts(text: string): StoredTexts[] | null {
  if (text === "") return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(parsed) || parsed.length === 0) return null;
  const texts: StoredTexts[] = [];
  for (const pair of parsed as unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) return null;
    const [levelText, sourceText] = pair as unknown[];
    if (!isTextOrNull(levelText) || !isTextOrNull(sourceText)) return null;
    texts.push({ levelText, sourceText });
  }
  return texts;
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

/** Whether a stored value is a valid moment, in milliseconds since the epoch. */
export function isMoment(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
