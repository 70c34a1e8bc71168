import { type Head } from "./head.js";
import { isMoment, unpackSegment } from "./stored-segment.js";

/** Floor (a double), growth and known total (32 bits each), little-endian; then the tail. */
const HEADER_BYTES = 16;

/** The stored form of a head. @param tail the stored form of its tail */
export function packHead({ floorMs, growth, knownTotal }: Head, tail: Buffer): Buffer {
  const bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + tail.length);
  bytes.writeDoubleLE(floorMs, 0);
  bytes.writeUInt32LE(growth, 8);
  bytes.writeUInt32LE(knownTotal, 12);
  tail.copy(bytes, HEADER_BYTES);
  return bytes;
}

/** The head in a stored form, or null where it is not one. */
export function unpackHead(bytes: Buffer): Head | null {
  if (bytes.length < HEADER_BYTES) return null;
  const floorMs = bytes.readDoubleLE(0);
  const tail = unpackSegment(bytes.subarray(HEADER_BYTES));
  if (tail === null || !isMoment(floorMs)) return null;
  return { tail, floorMs, growth: bytes.readUInt32LE(8), knownTotal: bytes.readUInt32LE(12) };
}
