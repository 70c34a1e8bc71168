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
