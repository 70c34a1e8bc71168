import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { type IncomingHttpHeaders } from "node:http";

/** A GET request, with the parts that a signature can cover. */
export type SignedCall = {
  /** Path and query, as sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
};

const AUTHORIZATION =
  /^SDK-HMAC-SHA256 Access=([^,\s]+), ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
/** The allowed difference of the caller's clock. This is commonly reported and not documented. */
const SKEW_MAX_MS = 900_000;
/** Without these headers, a signature could be replayed at another host or at any time. */
const NEEDED = ["host", "x-sdk-date"];

/** The access key of a signature; null if `Authorization` has no such signature. */
export const accessKeyOf = (authorization: string): string | null =>
  AUTHORIZATION.exec(authorization)?.[1] ?? null;

/** The service's message for an invalid signature; null for a valid one. */
export const signatureProblem = (call: SignedCall, secretKey: string, nowMs: number): string | null => {
  const [, , names = "", signature = ""] = AUTHORIZATION.exec(call.headers.authorization ?? "") ?? [];
  const signed = names.split(";");
  if (NEEDED.some((name) => !signed.includes(name))) return "a header is not signed";
  if ([...signed].sort().join(";") !== names) return "signed headers are not sorted";
  const date = String(call.headers["x-sdk-date"]);
  const sentAtMs = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
  if (!(Math.abs(nowMs - sentAtMs) <= SKEW_MAX_MS)) return "x-sdk-date is too far from the server's time";
  const canonical = createHash("sha256").update(canonicalText(call, signed)).digest("hex");
  const expected = createHmac("sha256", secretKey)
    .update(["SDK-HMAC-SHA256", date, canonical].join("\n"))
    .digest();
  return timingSafeEqual(expected, Buffer.from(signature, "hex")) ? null : "verify aksk signature fail";
};

/** The canonical request: method, path, query, headers, their names, and the hash of an empty body. */
const canonicalText = ({ target, headers }: SignedCall, signed: readonly string[]): string => {
  const [, path = "", query = ""] = /^([^?]*)\??(.*)$/.exec(target) ?? [];
  const lines = [
    "GET",
    path.split("/").map(reencoded).join("/") + (path.endsWith("/") ? "" : "/"),
    query
      .split("&")
      .filter((pair) => pair !== "")
      .map((pair) => pair.split("=", 2).map(reencoded))
      .sort(([a = ""], [b = ""]) => (a === b ? 0 : a < b ? -1 : 1))
      .map(([name = "", value = ""]) => `${name}=${value}`)
      .join("&"),
  ];
  for (const name of signed) lines.push(`${name}:${String(headers[name] ?? "").trim()}`);
  lines.push("", signed.join(";"), createHash("sha256").digest("hex"));
  return lines.join("\n");
};

/** Text that cannot be decoded stays as it is. */
const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** Percent-encodes as RFC 3986 says, byte by byte. */
const reencoded = (part: string): string =>
  [...Buffer.from(decoded(part))]
    .map((byte) => {
      const sign = String.fromCharCode(byte);
      return /[A-Za-z0-9_.~-]/.test(sign) ? sign : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
