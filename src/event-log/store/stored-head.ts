import { type Head } from "./head.js";
import { type OldestRows } from "./oldest-rows.js";
import { isMoment, unpackSegment } from "./stored-segment.js";

/**
 * Floor and the end of the reading that raised it (doubles), growth and known total (32 bits each), when the total was
 * last seen (a double). Then the reading of the oldest rows: count (a byte; 255: there is none), checksum (32 bits), its
 * two moments (doubles). All little-endian. Then the tail.
 */
const HEADER_BYTES = 53;
const OLDEST_AT = 32;
const NO_OLDEST_ROWS = 255;

/** The stored form of a head. @param tail the stored form of its tail */
export function packHead(
  { floorMs, changedMs, growth, knownTotal, seenAtMs, oldestRows }: Head,
  tail: Buffer,
): Buffer {
  const bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + tail.length);
  bytes.writeDoubleLE(floorMs, 0);
  bytes.writeDoubleLE(changedMs, 8);
  bytes.writeUInt32LE(growth, 16);
  bytes.writeUInt32LE(knownTotal, 20);
  bytes.writeDoubleLE(seenAtMs, 24);
  bytes.writeUInt8(oldestRows?.count ?? NO_OLDEST_ROWS, OLDEST_AT);
  bytes.writeUInt32LE(oldestRows?.checksum ?? 0, OLDEST_AT + 1);
  bytes.writeDoubleLE(oldestRows?.readAtMs ?? 0, OLDEST_AT + 5);
  bytes.writeDoubleLE(oldestRows?.sinceMs ?? 0, OLDEST_AT + 13);
  tail.copy(bytes, HEADER_BYTES);
  return bytes;
}

/** Decodes a stored head; null if the bytes have another form. */
export function unpackHead(bytes: Buffer): Head | null {
  if (bytes.length < HEADER_BYTES) return null;
  const floorMs = bytes.readDoubleLE(0);
  const changedMs = bytes.readDoubleLE(8);
  const seenAtMs = bytes.readDoubleLE(24);
  const oldestRows = unpackOldestRows(bytes);
  const tail = unpackSegment(bytes.subarray(HEADER_BYTES));
  if (tail === null || oldestRows === undefined || ![floorMs, changedMs, seenAtMs].every(isMoment))
    return null;
  const growth = bytes.readUInt32LE(16);
  return { tail, floorMs, changedMs, growth, knownTotal: bytes.readUInt32LE(20), seenAtMs, oldestRows };
}

/** Decodes the reading of the oldest rows: null if there is none, undefined if the bytes have another form. */
function unpackOldestRows(bytes: Buffer): OldestRows | null | undefined {
  const count = bytes.readUInt8(OLDEST_AT);
  if (count === NO_OLDEST_ROWS) return null;
  const checksum = bytes.readUInt32LE(OLDEST_AT + 1);
  const readAtMs = bytes.readDoubleLE(OLDEST_AT + 5);
  const sinceMs = bytes.readDoubleLE(OLDEST_AT + 13);
  return isMoment(readAtMs) && isMoment(sinceMs) ? { count, checksum, readAtMs, sinceMs } : undefined;
}
