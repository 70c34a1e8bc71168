import { errors } from "jose";
import { GatewayError } from "../../errors.js";

/** What may be the matter with a caller's JWT, and the sentence that says so; nothing of the JWT is repeated. */
const MESSAGES = {
  missing: "Send a JWT in the Authorization header, after the word Bearer.",
  malformed: "What the Authorization header holds is no JWT.",
  algorithm: "The JWT is signed by an algorithm that is not taken.",
  unknown_key: "The JWT is signed with a key that is not known.",
  signature: "The signature of the JWT is not right.",
  expired: "The JWT has expired.",
  not_yet_valid: "The JWT is not valid yet.",
  issuer: "The JWT is not of the issuer that is asked for.",
  audience: "The JWT is not for the audience that is asked for.",
  claims: "A claim of the JWT is missing, or not of its type; exp is needed.",
} as const;

/** Why a caller may not ask; for metrics. `keys_unavailable` says nothing of the JWT. */
export type JwtRefusal = keyof typeof MESSAGES | "keys_unavailable";

/** The error of a JWT that is no good. */
export function refusedJwt(reason: keyof typeof MESSAGES): GatewayError {
  return new GatewayError("UNAUTHENTICATED", MESSAGES[reason]);
}

/** The error of a JWT about which nobody can tell; not the caller's doing, and it may pass. */
export function keysUnavailable(retryAfterMs: number, cause?: unknown): GatewayError {
  const message = "The keys of JWTs cannot be had at the moment.";
  return new GatewayError("UPSTREAM_UNAVAILABLE", message, { retryAfterMs }, { cause });
}

/** What an error of `jwtVerify` says of the JWT; null where it says nothing of it. */
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
