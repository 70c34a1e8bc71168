import { type IncomingHttpHeaders } from "node:http";
import { AUTH_TOKEN_MAX } from "../../../modelarts/credentials/auth-token.js";

/** What browsers cannot say in the head of a WebSocket, and say once it is open; in so many characters at most. */
const MAX_LENGTHS: ReadonlyMap<string, number> = new Map([
  ["authorization", AUTH_TOKEN_MAX],
  ["x-auth-token", AUTH_TOKEN_MAX],
  ["x-language", 1_024],
  ["accept-language", 1_024],
  ["x-request-id", 1_024],
  ["x-cache-debug", 1_024],
]);

/** Parameters that cannot stand for headers. */
export class BadConnectionParams extends Error {}

/**
 * The headers of a WebSocket's request, with those that its client gave as `connectionParams` of graphql-ws, which
 * count more. Names are taken without regard to case; other parameters, and those without a value, mean nothing here.
 * @throws BadConnectionParams where a value is no text, or too long a one; fit to be shown, and short enough for a close frame
 */
export function headersWith(
  headers: IncomingHttpHeaders,
  params: Readonly<Record<string, unknown>>,
): IncomingHttpHeaders {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    const header = name.toLowerCase();
    const maxLength = MAX_LENGTHS.get(header);
    if (maxLength === undefined || value === null || value === undefined) continue;
    if (typeof value !== "string")
      throw new BadConnectionParams(`connectionParams: ${header} must be a string`);
    if (value.length > maxLength) throw new BadConnectionParams(`connectionParams: ${header} is too long`);
    given[header] = value;
  }
  return { ...headers, ...given };
}
