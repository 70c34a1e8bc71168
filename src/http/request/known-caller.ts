import { type IncomingHttpHeaders } from "node:http";
import { type JwtCheck } from "../jwt/jwt-check.js";

/**
 * The hash that identifies a caller in log lines; null for a caller without credentials, and for one whose JWT has not
 * been verified. Where JWTs identify callers, `X-Auth-Token` is not used, so it may contain anything.
 * @param jwt null if callers need no JWT
 */
export function knownCaller(
  { authorization, "x-auth-token": token }: IncomingHttpHeaders,
  jwt: Pick<JwtCheck, "known"> | null,
  hashToken: (token: string) => string,
): string | null {
  if (jwt !== null) return jwt.known(authorization)?.caller ?? null;
  return token === undefined || token === "" ? null : hashToken(String(token));
}
