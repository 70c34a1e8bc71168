import { type IncomingHttpHeaders } from "node:http";
import { AUTH_TOKEN_MAX } from "../../../modelarts/credentials/auth-token.js";

/** The headers that `connectionParams` may contain, with the maximum length of each value, in characters. */
const MAX_LENGTHS: ReadonlyMap<string, number> = new Map([
  ["authorization", AUTH_TOKEN_MAX],
  ["x-auth-token", AUTH_TOKEN_MAX],
  ["x-language", 1_024],
  ["accept-language", 1_024],
  ["cache-control", 1_024],
  ["x-request-id", 1_024],
  ["x-cache-debug", 1_024],
]);

/** The parameter that may contain the headers as an object. Apollo's and Hive's clients send them in this form. */
const NESTED = "headers";

/** Names of parameters that are probably credentials. */
const CREDENTIAL =
  /auth|token|secret|passw|credential|(api|access)[-_]?key|(^|[-_])key$|jwt|bearer|cookie|session|signature/i;
/** The longest name in an error message: the reason of a close frame has at most 123 bytes. */
const NAME_MAX = 32;

/** The error of invalid parameters. The message is short enough for a close frame. */
export class BadConnectionParams extends Error {}

/**
 * Adds a graphql-ws client's `connectionParams` to the headers of its WebSocket request. A parameter overrides the
 * header of the same name. Upper and lower case of names are equal. The headers may be at the top level or under
 * `headers`. Unknown parameters, and those without a value, are ignored. Unknown names that look like credentials are
 * an error, because otherwise a client that misspells a name would only learn that it sent no credentials.
 * @throws BadConnectionParams if a value is not a string or too long, or if an unknown name looks like a credential
 */
export function headersWith(
  headers: IncomingHttpHeaders,
  params: Readonly<Record<string, unknown>>,
): IncomingHttpHeaders {
  const nested = params[NESTED];
  const isNested = typeof nested === "object" && nested !== null && !Array.isArray(nested);
  return {
    ...headers,
    ...headersIn(params),
    ...(isNested ? headersIn(nested as Readonly<Record<string, unknown>>) : {}),
  };
}

function headersIn(params: Readonly<Record<string, unknown>>): IncomingHttpHeaders {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    const header = name.toLowerCase();
    const maxLength = MAX_LENGTHS.get(header);
    if (value === null || value === undefined || header === NESTED) continue;
    if (maxLength === undefined) {
      if (!CREDENTIAL.test(name)) continue;
      const shown = name.replace(/[^\w-]/g, "?").slice(0, NAME_MAX);
      throw new BadConnectionParams(
        `connectionParams: unknown key ${shown}; use X-Auth-Token or Authorization`,
      );
    }
    if (typeof value !== "string")
      throw new BadConnectionParams(`connectionParams: ${header} must be a string`);
    if (value.length > maxLength) throw new BadConnectionParams(`connectionParams: ${header} is too long`);
    given[header] = value;
  }
  return given;
}
