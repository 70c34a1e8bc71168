import { createHash, createHmac } from "node:crypto";

/** An access key of Huawei Cloud. The secret key is never sent. The security token of a temporary key is sent. */
export type SigningKey = {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly securityToken?: string | null;
};

/** The parts of a GET that its signature covers. */
export type SignedRequest = {
  /** The value of the `Host` header. */
  readonly host: string;
  /** With its query, encoded as it is sent. */
  readonly path: string;
  readonly projectId: string;
};

const ALGORITHM = "SDK-HMAC-SHA256";
const NO_BODY = sha256("");

/**
 * Signs a request by Huawei Cloud's SDK-HMAC-SHA256, as its SDK for Node.js does: an HMAC by the secret key over the
 * hash of the canonical request. Only the necessary headers are signed, because gateways of other services refused
 * signatures over more headers.
 * @param timeMs the time of the signature, in milliseconds since the epoch
 * @returns the headers to send, including `host`
 */
export function signedHeaders(
  { host, path, projectId }: SignedRequest,
  { accessKey, secretKey, securityToken = null }: SigningKey,
  timeMs: number,
): Record<string, string> {
  const date = new Date(timeMs).toISOString().replace(/\.\d+|[-:]/g, "");
  const [pathname = "", query = ""] = path.split("?", 2);
  const signed = {
    host,
    "x-project-id": projectId,
    "x-sdk-date": date,
    ...(securityToken === null ? {} : { "x-security-token": securityToken }),
  };
  // The algorithm requires the order of the names.
  const lines = Object.entries(signed).sort(([a], [b]) => (a < b ? -1 : 1));
  const signedNames = lines.map(([name]) => name).join(";");
  const canonical = [
    "GET",
    canonicalPath(pathname),
    canonicalQuery(query),
    lines.map(([name, value]) => `${name}:${value}\n`).join(""),
    signedNames,
    NO_BODY,
  ].join("\n");
  const signature = createHmac("sha256", secretKey)
    .update(`${ALGORITHM}\n${date}\n${sha256(canonical)}`)
    .digest("hex");
  return {
    ...signed,
    authorization: `${ALGORITHM} Access=${accessKey}, SignedHeaders=${signedNames}, Signature=${signature}`,
  };
}

/** Encodes each segment, and ends the path with a slash. */
function canonicalPath(pathname: string): string {
  const segments = pathname.split("/").map((segment) => encode(decodeURIComponent(segment)));
  return `${segments.join("/").replace(/\/$/, "")}/`;
}

/** Sorts the parameters by name; no name may occur twice. */
function canonicalQuery(query: string): string {
  const parameters = [...new URLSearchParams(query)].sort(([a], [b]) => (a < b ? -1 : 1));
  return parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
}

/** Encodes all but the unreserved characters of RFC 3986; `encodeURIComponent` leaves a few more. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
