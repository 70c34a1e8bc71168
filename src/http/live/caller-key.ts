import { type IncomingHttpHeaders } from "node:http";

/**
 * The key by which the connections of a caller are limited: the caller's token, or its address if it sends none.
 * @param hashToken returns a hash that replaces the token
 */
export function callerKey(
  { authorization, "x-auth-token": token }: IncomingHttpHeaders,
  address: string | undefined,
  hashToken: (token: string) => string,
): string {
  const secret = typeof token === "string" && token !== "" ? token : authorization;
  return secret === undefined || secret === "" ? `address ${address ?? ""}` : `token ${hashToken(secret)}`;
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
  return { key: isPending ? `pending ${address ?? ""}` : callerKey(headers, address, hashToken), isPending };
}
