import { TextDecoder } from "node:util";
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";

/** The reason why a body cannot be read, with the status of the answer. */
export class BodyError extends Error {
  constructor(
    readonly statusCode: 400 | 413 | 415,
    message: string,
  ) {
    super(message);
  }
}

/** The maximum size of a request's body, before and after decompression, and of a WebSocket message. */
export const BODY_LIMIT_BYTES = 262_144;

/** The message of every 415. */
export const ALLOWED_BODY =
  "POST takes application/json in UTF-8, uncompressed or compressed with gzip, br or deflate.";

/** The maximum number of content codings of one body. */
const CODINGS_MAX = 2;

// By default, TextDecoder removes a byte order mark.
const utf8 = new TextDecoder("utf-8", { fatal: true });

type BodyHeaders = {
  readonly "content-type"?: string | undefined;
  readonly "content-encoding"?: string | undefined;
};

/**
 * Reads a body of application/json.
 * @throws BodyError 415 for another charset or an unknown coding, 413 for a body that decompresses to more than
 *   {@link BODY_LIMIT_BYTES}, 400 for a body that is not JSON
 */
export function readBody(headers: BodyHeaders, body: Buffer): unknown {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(headers["content-type"] ?? "")?.[1] ?? "utf-8";
  if (!/^utf-?8$/i.test(charset)) throw new BodyError(415, ALLOWED_BODY);
  const inflated = inflateAll(headers["content-encoding"], body);
  let text: string;
  try {
    text = utf8.decode(inflated);
  } catch {
    throw new BodyError(400, "The request's body is not UTF-8.");
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new BodyError(400, "The request's body is not JSON.");
  }
}

/** Decodes the content codings of a body, the last one first (RFC 9110, 8.4). */
function inflateAll(contentEncoding: string | undefined, body: Buffer): Buffer {
  if (contentEncoding === undefined) return body;
  const codings = contentEncoding
    .split(",")
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== "" && coding !== "identity");
  if (codings.length > CODINGS_MAX) throw new BodyError(415, ALLOWED_BODY);
  return codings.reduceRight(inflate, body);
}

function inflate(body: Buffer, coding: string): Buffer {
  const limit = { maxOutputLength: BODY_LIMIT_BYTES };
  try {
    switch (coding) {
      case "gzip":
      case "x-gzip":
        return gunzipSync(body, limit);
      case "br":
        return brotliDecompressSync(body, limit);
      case "deflate":
        // The standard requires the zlib format, but some clients send deflate data without the zlib header.
        return ((body[0] ?? 0) & 0x0f) === 8 ? inflateSync(body, limit) : inflateRawSync(body, limit);
      default:
        throw new BodyError(415, ALLOWED_BODY);
    }
  } catch (error) {
    if (error instanceof BodyError) throw error;
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
    if (code === "ERR_BUFFER_TOO_LARGE") throw new BodyError(413, "The request's body is too large.");
    throw new BodyError(400, `The request's body is not valid ${coding}.`);
  }
}
