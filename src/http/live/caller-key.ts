import { type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { type ConnectionClient } from "./connections.js";

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
 * The client of a WebSocket before its first message. Its caller is not known yet if the client has no credentials in
 * its headers, but can still send them in that message.
 */
export function upgradeClient(
  { headers, socket }: IncomingMessage,
  hashToken: (token: string) => string,
  credentialsHeader: string | null,
): ConnectionClient {
  const { remoteAddress: address = "" } = socket;
  const isPending = credentialsHeader !== null && headers[credentialsHeader] === undefined;
  return { caller: isPending ? null : callerKey(headers, address, hashToken, credentialsHeader), address };
}
