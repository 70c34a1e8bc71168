import { type IncomingHttpHeaders } from "node:http";

/**
 * Tells callers apart for the bound of their connections: by the token that they send, else by their address.
 * @param hashToken stands for a token
 */
export function callerKey(
  { authorization, "x-auth-token": token }: IncomingHttpHeaders,
  address: string | undefined,
  hashToken: (token: string) => string,
): string {
  const secret = typeof token === "string" && token !== "" ? token : authorization;
  return secret === undefined || secret === "" ? `address ${address ?? ""}` : `token ${hashToken(secret)}`;
}
