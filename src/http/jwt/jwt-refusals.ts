import { errors } from "jose";
import { GatewayError } from "../../errors.js";

/** The reasons for refusing a JWT, with their error messages. No message contains a part of the JWT. */
const MESSAGES = {
  missing: "Send a JWT in the Authorization header: Bearer <JWT>.",
  malformed: "The Authorization header does not contain a valid JWT.",
  algorithm: "The signature algorithm of the JWT is not allowed.",
  unknown_key: "The JWT is signed with an unknown key.",
  signature: "The signature of the JWT is invalid.",
  expired: "The JWT has expired.",
  not_yet_valid: "The JWT is not valid yet.",
  issuer: "The issuer (iss) of the JWT is not the required one.",
  audience: "The audience (aud) of the JWT is not the required one.",
  claims: "A claim of the JWT is missing or has the wrong type. The claim exp is required.",
} as const;

/** The reason for a refusal, for metrics. With `keys_unavailable`, the JWT itself was not checked. */
export type JwtRefusal = keyof typeof MESSAGES | "keys_unavailable";

/** The error for a JWT that is refused. */
export function refusedJwt(reason: keyof typeof MESSAGES): GatewayError {
  return new GatewayError("UNAUTHENTICATED", MESSAGES[reason]);
}

/** The error for a JWT that cannot be checked because there are no keys. It is temporary and not the caller's fault. */
export function keysUnavailable(retryAfterMs: number, cause?: unknown): GatewayError {
  const message = "The keys for JWTs are temporarily unavailable.";
  return new GatewayError("UPSTREAM_UNAVAILABLE", message, { retryAfterMs }, { cause });
}

/** The reason that belongs to an error of `jwtVerify`; null if the error is not about the JWT. */
export function reasonOf(error: unknown): keyof typeof MESSAGES | null {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) return reasonOfClaim(error);
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  if (error instanceof errors.JWKSNoMatchingKey) return "unknown_key";
  if (error instanceof errors.JOSENotSupported || error instanceof errors.JOSEAlgNotAllowed) {
    return "algorithm";
  }
  return error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid ? "malformed" : null;
}

function reasonOfClaim({ claim, reason }: errors.JWTClaimValidationFailed): keyof typeof MESSAGES {
  if (claim === "iss") return "issuer";
  if (claim === "aud") return "audience";
  return claim === "nbf" && reason === "check_failed" ? "not_yet_valid" : "claims";
}
