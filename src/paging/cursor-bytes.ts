import { crc32 } from "node:zlib";
import { type Language } from "../training-job-event.js";

/** The bytes of cursors and event IDs. Numbers are big-endian; each text ends with a checksum. */

/** The earliest time in RFC 3339. Times are counted from it, so none is negative. */
const YEAR_0_S = Date.parse("0000-01-01T00:00:00Z") / 1000;
/** The upstream's counts are signed 32-bit integers. */
const COUNT_MAX = 2 ** 31 - 1;
const LENGTH_MAX = 200;

export const CHECKSUM_BYTES = 4;
export const TIME_BYTES = 7;
/** The languages; a cursor contains the index. */
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

/** @throws RangeError if the bytes end too early */
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

/** @throws RangeError if the bytes end too early, or if the number is larger than the upstream's counts can be */
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
  throw new RangeError("The number is larger than the upstream's counts can be.");
}

/** Decodes a text whose last {@link CHECKSUM_BYTES} bytes are a checksum; null if the text is invalid. */
export function readChecked(text: string, headerBytes: number): Buffer | null {
  if (text.length > LENGTH_MAX || !/^[A-Za-z0-9_-]+$/.test(text)) return null;
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length < headerBytes + CHECKSUM_BYTES) return null;
  // The last character of base64 can have unused bits. Only one spelling is accepted.
  if (bytes.toString("base64url") !== text) return null;
  const end = bytes.length - CHECKSUM_BYTES;
  return crc32(bytes.subarray(0, end)) === bytes.readUInt32BE(end) ? bytes : null;
}
