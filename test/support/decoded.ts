import { brotliDecompressSync, gunzipSync } from "node:zlib";

/** The text of an answer's body, decoded by its `Content-Encoding`. */
export function decoded(headers: Readonly<Record<string, unknown>>, bytes: Buffer): string {
  switch (headers["content-encoding"]) {
    case undefined:
      return bytes.toString();
    case "gzip":
      return gunzipSync(bytes).toString();
    case "br":
      return brotliDecompressSync(bytes).toString();
    default:
      throw new Error(`Content-Encoding: ${String(headers["content-encoding"])}`);
  }
}
