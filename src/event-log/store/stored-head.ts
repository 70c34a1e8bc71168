import { type Head } from "./head.js";
import { type Origin } from "./origin.js";
import { isMoment, unpackSegment } from "./stored-segment.js";

/**
 * Floor (a double), growth and known total (32 bits each), when the total was last seen (a double); then the origin:
 * count (a byte; 255: there is none), checksum (32 bits), its two moments (doubles). All little-endian. Then the tail.
 */
const HEADER_BYTES = 45;
const ORIGIN_AT = 24;
const NO_ORIGIN = 255;

/** The stored form of a head. @param tail the stored form of its tail */
export function packHead({ floorMs, growth, knownTotal, seenAtMs, origin }: Head, tail: Buffer): Buffer {
  const bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + tail.length);
  bytes.writeDoubleLE(floorMs, 0);
  bytes.writeUInt32LE(growth, 8);
  bytes.writeUInt32LE(knownTotal, 12);
  bytes.writeDoubleLE(seenAtMs, 16);
  bytes.writeUInt8(origin?.count ?? NO_ORIGIN, ORIGIN_AT);
  bytes.writeUInt32LE(origin?.checksum ?? 0, ORIGIN_AT + 1);
  bytes.writeDoubleLE(origin?.readAtMs ?? 0, ORIGIN_AT + 5);
  bytes.writeDoubleLE(origin?.sinceMs ?? 0, ORIGIN_AT + 13);
  tail.copy(bytes, HEADER_BYTES);
  return bytes;
}

/** Decodes a stored head; null if the bytes have another form. */
export function unpackHead(bytes: Buffer): Head | null {
  if (bytes.length < HEADER_BYTES) return null;
  const floorMs = bytes.readDoubleLE(0);
  const seenAtMs = bytes.readDoubleLE(16);
  const origin = unpackOrigin(bytes);
  const tail = unpackSegment(bytes.subarray(HEADER_BYTES));
  if (tail === null || origin === undefined || !isMoment(floorMs) || !isMoment(seenAtMs)) return null;
  const growth = bytes.readUInt32LE(8);
  return { tail, floorMs, growth, knownTotal: bytes.readUInt32LE(12), seenAtMs, origin };
}

/** Undefined if the bytes are not an origin. */
function unpackOrigin(bytes: Buffer): Origin | null | undefined {
  const count = bytes.readUInt8(ORIGIN_AT);
  if (count === NO_ORIGIN) return null;
  const checksum = bytes.readUInt32LE(ORIGIN_AT + 1);
  const readAtMs = bytes.readDoubleLE(ORIGIN_AT + 5);
  const sinceMs = bytes.readDoubleLE(ORIGIN_AT + 13);
  return isMoment(readAtMs) && isMoment(sinceMs) ? { count, checksum, readAtMs, sinceMs } : undefined;
}
