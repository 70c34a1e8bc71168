import { TextDecoder } from "node:util";

/** What is wrong with a body, with the status that says so. */
class BodyError extends Error {
  constructor(
    readonly statusCode: 400 | 415,
    message: string,
  ) {
    super(message);
  }
}

/** The longest body of a request, or message of a WebSocket. */
export const BODY_LIMIT_BYTES = 262_144;

/** The sentence of every 415. */
export const ALLOWED_BODY = "POST takes application/json in UTF-8 only, not compressed.";

// A byte order mark is left out by default.
const utf8 = new TextDecoder("utf-8", { fatal: true });

type BodyHeaders = {
  readonly "content-type"?: string | undefined;
  readonly "content-encoding"?: string | undefined;
};

/**
 * Reads a body of application/json.
 * @throws Error with a `statusCode`: 415 where it is compressed or of another charset, 400 where it is no JSON
 */
export function readBody(headers: BodyHeaders, body: Buffer): unknown {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(headers["content-type"] ?? "")?.[1] ?? "utf-8";
  if (!/^utf-?8$/i.test(charset) || headers["content-encoding"] !== undefined) {
    throw new BodyError(415, ALLOWED_BODY);
  }
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw new BodyError(400, "The request's body is not UTF-8.");
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new BodyError(400, "The request's body is not JSON.");
  }
}
