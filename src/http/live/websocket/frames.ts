/** The first byte of a text message in a single frame (RFC 6455, section 5.2). */
const FINAL_TEXT = 0x81;
/** Lengths from this value on need two more bytes; lengths of 64 KiB and more need eight. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MAX_7_BITS = 125;
const MAX_16_BITS = 65_535;

/** A ping without data: one buffer for all clients. ws would build the frame for each of them. */
export const PING_FRAME = Buffer.from([0x89, 0]);

const CLOSING_BRACE = "}".charCodeAt(0);

/**
 * A whole WebSocket frame of a server. It consists of a prefix for this client, a result that several clients share,
 * and a closing brace. One buffer needs one write to the socket. ws would write the header and the payload separately.
 */
export function textFrame(prefix: string, result: Buffer): Buffer {
  const prefixLength = Buffer.byteLength(prefix);
  const length = prefixLength + result.length + 1;
  const headerLength = length <= MAX_7_BITS ? 2 : length <= MAX_16_BITS ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = FINAL_TEXT;
  if (headerLength === 2) {
    frame[1] = length;
  } else if (headerLength === 4) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(prefix, headerLength, "utf8");
  result.copy(frame, headerLength + prefixLength);
  frame[frame.length - 1] = CLOSING_BRACE;
  return frame;
}
