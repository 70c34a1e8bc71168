import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey, type JWTVerifyOptions } from "jose";

/** The maximum number of keys that are tried for a JWT without a key ID. */
const KEYS_TRIED_MAX = 10;

/**
 * Checks a JWT's signature and claims. If it has no key ID and several keys match, each of them is tried.
 * @throws an error of jose, or of the keys
 */
export async function verifyJwt(
  jwt: string,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(jwt, keys, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    return tryEach(error, jwt, options);
  }
}

async function tryEach(
  fitting: errors.JWKSMultipleMatchingKeys,
  jwt: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  let tried = 0;
  for await (const key of fitting) {
    try {
      return (await jwtVerify(jwt, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
    tried += 1;
    if (tried === KEYS_TRIED_MAX) break;
  }
  throw new errors.JWSSignatureVerificationFailed();
}
