import { createHash, createHmac } from "node:crypto";

/** An access key of Huawei Cloud. The secret half is never sent. */
export type SigningKey = { readonly accessKey: string; readonly secretKey: string };

/** A GET, as far as its signature covers it. */
export type SignedRequest = {
  /** As the `Host` header has it. */
  readonly host: string;
  /** With its query, encoded as it is sent. */
  readonly path: string;
  readonly projectId: string;
};

const ALGORITHM = "SDK-HMAC-SHA256";
const SIGNED_HEADERS = "host;x-project-id;x-sdk-date";
const NO_BODY = sha256("");

/**
 * Signs a request at a moment (milliseconds since the epoch) by Huawei Cloud's SDK-HMAC-SHA256, as its SDK for Node.js
 * does: an HMAC by the secret key itself over the hash of the request in a canonical form. No more headers are signed
 * than have to be: gateways of other services were seen to refuse requests with further ones among them.
 * @returns the headers to be sent, `host` among them
 */
export function signedHeaders(
  { host, path, projectId }: SignedRequest,
  { accessKey, secretKey }: SigningKey,
  timeMs: number,
): Record<string, string> {
  const date = new Date(timeMs).toISOString().replace(/\.\d+|[-:]/g, "");
  const [pathname = "", query = ""] = path.split("?", 2);
  const canonical = [
    "GET",
    canonicalPath(pathname),
    canonicalQuery(query),
    `host:${host}\nx-project-id:${projectId}\nx-sdk-date:${date}\n`,
    SIGNED_HEADERS,
    NO_BODY,
  ].join("\n");
  const signature = createHmac("sha256", secretKey)
    .update(`${ALGORITHM}\n${date}\n${sha256(canonical)}`)
    .digest("hex");
  return {
    host,
    "x-project-id": projectId,
    "x-sdk-date": date,
    authorization: `${ALGORITHM} Access=${accessKey}, SignedHeaders=${SIGNED_HEADERS}, Signature=${signature}`,
  };
}

/** Each segment encoded anew, and a slash at the end, whether or not there is one. */
function canonicalPath(pathname: string): string {
  const segments = pathname.split("/").map((segment) => encode(decodeURIComponent(segment)));
  return `${segments.join("/").replace(/\/$/, "")}/`;
}

/** In the order of the names, which occur once each. */
function canonicalQuery(query: string): string {
  const parameters = [...new URLSearchParams(query)].sort(([a], [b]) => (a < b ? -1 : 1));
  return parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
}

/** RFC 3986's unreserved characters stand for themselves; `encodeURIComponent` spares a few more. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
