import { isMoment } from "./stored-segment.js";

/** Counts of events that the upstream returned at one time. */
export type Counts = {
  /** When the calls were made, in milliseconds since the epoch. The counts are at least as new as this. */
  readonly readAtMs: number;
  /** The counted events: the events up to this time, which are the oldest `count` events of the log. */
  readonly upTo: UpTo;
  readonly counts: readonly number[];
};

/** The older part of a log. */
export type UpTo = { readonly count: number; readonly endMs: number };

/**
 * The size of the header: the moment of the reading and the time up to which it counts (doubles), and the number of
 * events.
 */
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

/** Decodes stored counts; null if the bytes have another form. */
export function unpackCounts(bytes: Buffer): Counts | null {
  if (bytes.length < HEADER_BYTES || (bytes.length - HEADER_BYTES) % COUNT_BYTES !== 0) return null;
  const readAtMs = bytes.readDoubleLE(0);
  const endMs = bytes.readDoubleLE(8);
  if (!isMoment(readAtMs) || !Number.isSafeInteger(endMs)) return null;
  const counts: number[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += COUNT_BYTES) counts.push(bytes.readUInt32LE(at));
  return { readAtMs, upTo: { count: bytes.readUInt32LE(16), endMs }, counts };
}
