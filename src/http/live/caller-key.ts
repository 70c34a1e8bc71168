import { type IncomingHttpHeaders } from "node:http";

/**
 * The key by which the connections of a caller are limited: the caller's token, or its address if it sends none. If
 * callers must send a header, no other header counts, because a caller could change it with each connection.
 * @param hashToken returns a hash that replaces the token
 * @param credentialsHeader the header that callers must send; null if they need none
 */
export function callerKey(
  headers: IncomingHttpHeaders,
  address: string | undefined,
  hashToken: (token: string) => string,
  credentialsHeader: string | null,
): string {
  const names = credentialsHeader === null ? ["x-auth-token", "authorization"] : [credentialsHeader];
  const secret = names
    .map((name) => headers[name])
    .find((value) => typeof value === "string" && value !== "");
  return typeof secret === "string" ? `token ${hashToken(secret)}` : `address ${address ?? ""}`;
}

/**
 * The same key for a WebSocket before its first message. A client without credentials in its headers can still send
 * them there, so it does not count as a caller that has none. Behind a proxy, all such clients have one address.
 * @param credentialsHeader the header that callers must send; null if they need none
 */
export function upgradeKey(
  headers: IncomingHttpHeaders,
  address: string | undefined,
  hashToken: (token: string) => string,
  credentialsHeader: string | null,
): { readonly key: string; readonly isPending: boolean } {
  const isPending = credentialsHeader !== null && headers[credentialsHeader] === undefined;
  const key = isPending
    ? `pending ${address ?? ""}`
    : callerKey(headers, address, hashToken, credentialsHeader);
  return { key, isPending };
}
