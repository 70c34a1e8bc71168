import { crc32 } from "node:zlib";
import { type Language } from "../training-job-event.js";

/** The bytes of cursors and event IDs. Numbers are big-endian; each text ends with a checksum. */

/** The beginning of what RFC 3339 can write; counted from there, no time is negative. */
const YEAR_0_S = Date.parse("0000-01-01T00:00:00Z") / 1000;
/** The upstream counts in 32 bits with a sign. */
const COUNT_MAX = 2 ** 31 - 1;
const LENGTH_MAX = 200;

export const CHECKSUM_BYTES = 4;
export const TIME_BYTES = 7;
/** Languages by the number that stands for them. */
export const LANGUAGES: readonly Language[] = [null, "en-us", "zh-cn"];

// Byte by byte: this runs for each row of a new page, and Buffer's own methods check each argument.

/** Writes the lowest 32 bits of a number, the highest first. */
export function writeUInt32(bytes: Buffer, at: number, value: number): number {
  return writeUInt16(bytes, writeUInt16(bytes, at, value >>> 16), value);
}

/** Writes the lowest 16 bits. */
export function writeUInt16(bytes: Buffer, at: number, value: number): number {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
  return at + 2;
}

/** Writes a time in {@link TIME_BYTES}. */
export function writeTime(bytes: Buffer, at: number, timeMs: number): number {
  const second = Math.floor(timeMs / 1000);
  const sinceYear0 = second - YEAR_0_S;
  bytes[at] = sinceYear0 / 2 ** 32;
  return writeUInt16(bytes, writeUInt32(bytes, at + 1, sinceYear0), timeMs - second * 1000);
}

/** @throws RangeError where the bytes end too early */
export function readTime(bytes: Buffer, at: number): number {
  return (bytes.readUIntBE(at, 5) + YEAR_0_S) * 1000 + bytes.readUInt16BE(at + 5);
}

export function writeVarint(bytes: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 128) {
    bytes[at] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
    at += 1;
  }
  bytes[at] = rest;
  return at + 1;
}

/** @throws RangeError where the bytes end too early, or hold more than the upstream counts to */
export function readVarint(bytes: Buffer, start: number): [value: number, next: number] {
  let value = 0;
  let factor = 1;
  for (let at = start; at < start + 5; at += 1) {
    const byte = bytes.readUInt8(at);
    value += (byte % 128) * factor;
    factor *= 128;
    if (byte >= 128) continue;
    if (value > COUNT_MAX) break;
    return [value, at + 1];
  }
  throw new RangeError("The number is larger than the upstream counts to.");
}

/** The bytes of a text that {@link CHECKSUM_BYTES} of checksum end; null where it is no such text. */
export function readChecked(text: string, headerBytes: number): Buffer | null {
  if (text.length > LENGTH_MAX || !/^[A-Za-z0-9_-]+$/.test(text)) return null;
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length < headerBytes + CHECKSUM_BYTES) return null;
  // Base64 has spare bits at its end: two spellings of one text must not both be accepted.
  if (bytes.toString("base64url") !== text) return null;
  const end = bytes.length - CHECKSUM_BYTES;
  return crc32(bytes.subarray(0, end)) === bytes.readUInt32BE(end) ? bytes : null;
}
