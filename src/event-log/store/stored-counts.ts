import { isMoment } from "./stored-segment.js";

/** Numbers of events that the upstream counted at one time. */
export type Counts = {
  /** When the calls were made, in milliseconds since the epoch: the numbers are at least as new as this. */
  readonly readAtMs: number;
  /** The events that were counted: those up to this time, which were the first `count` events of the log. */
  readonly upTo: UpTo;
  readonly counts: readonly number[];
};

/** The older part of a log. */
export type UpTo = { readonly count: number; readonly endMs: number };

/** When the counts were read and the time up to which (doubles), and how many events that is; then the counts. */
const HEADER_BYTES = 20;
const COUNT_BYTES = 4;

/** The stored form of counts, little-endian. */
export function packCounts({ readAtMs, upTo, counts }: Counts): Buffer {
  const bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + COUNT_BYTES * counts.length);
  bytes.writeDoubleLE(readAtMs, 0);
  bytes.writeDoubleLE(upTo.endMs, 8);
  bytes.writeUInt32LE(upTo.count, 16);
  counts.forEach((count, at) => bytes.writeUInt32LE(count, HEADER_BYTES + COUNT_BYTES * at));
  return bytes;
}

/** The counts in a stored form, or null where it is not one. */
export function unpackCounts(bytes: Buffer): Counts | null {
  if (bytes.length < HEADER_BYTES || (bytes.length - HEADER_BYTES) % COUNT_BYTES !== 0) return null;
  const readAtMs = bytes.readDoubleLE(0);
  const endMs = bytes.readDoubleLE(8);
  if (!isMoment(readAtMs) || !Number.isSafeInteger(endMs)) return null;
  const counts: number[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += COUNT_BYTES) counts.push(bytes.readUInt32LE(at));
  return { readAtMs, upTo: { count: bytes.readUInt32LE(16), endMs }, counts };
}
