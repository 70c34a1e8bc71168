import { createHmac, randomBytes } from "node:crypto";
import { type JWTVerifyOptions } from "jose";
import { LRUCache } from "lru-cache";
import { SingleFlight, type Waiter } from "../../common/single-flight.js";
import { GatewayError } from "../../errors.js";
import { NO_PROJECTS, projectsOf } from "./jwt-projects.js";
import { createJwtKeys } from "./jwt-keys.js";
import { type JwtRefusal, keysUnavailable, reasonOf, refusedJwt } from "./jwt-refusals.js";
import { verifyJwt } from "./jwt-verify.js";
import { type CallerAuthorization, ALLOWED } from "../caller-authorization.js";

/** Checks the JWTs of callers. */
export type JwtCheck = {
  /** The remembered result for this `Authorization` header; null if it must be checked. Costs one hash. */
  readonly known: (authorization: string | undefined) => CallerAuthorization | null;
  /** Checks the header, until the waiter's deadline at most. Never throws. */
  readonly check: (authorization: string | undefined, waiter: Waiter) => Promise<CallerAuthorization>;
};

export type JwtCheckOptions = {
  /** The URL of the key set. */
  readonly url: string;
  /**
   * One of the issuers must be the JWT's `iss`, and one of the audiences must be in its `aud`; null accepts any value.
   */
  readonly issuers: readonly string[] | null;
  readonly audiences: readonly string[] | null;
  /** The path of the claim that lists the projects of a caller; null if all callers may read all projects. */
  readonly projectsClaim: string | null;
  /** Whether callers without an `Authorization` header are allowed, too. */
  readonly anonymous: boolean;
  /** Hashes the identity of a caller; equal in all processes that share budgets. */
  readonly hash: (text: string) => string;
  readonly onRefusal: (reason: JwtRefusal) => void;
  /** Called when keys can no longer be fetched or used. */
  readonly onFault: (error: unknown) => void;
  /** The current time, in milliseconds since the epoch. */
  readonly nowMs: () => number;
};

/** Algorithms with a private key. With a shared key, everyone who can verify a JWT can also forge one. */
const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
/** The allowed difference between the issuer's clock and the gateway's, in seconds. */
const LEEWAY_S = 30;
/** How long a valid JWT is remembered, in milliseconds. Then it is verified again, in case its key was withdrawn. */
const REMEMBERED_MS = 120_000;
/** The maximum number of remembered JWTs. */
const REMEMBERED_MAX = 10_000;
const AUTHORIZATION_MAX = 16_384;
const BEARER_JWT = /^bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i;
/** `retryAfterMs` of the error if the key set cannot be used, in milliseconds. */
const KEYS_PAUSE_MS = 10_000;

/**
 * Checks who may use the gateway if it calls ModelArts with its own credentials. Of a JWT, only a hash is remembered,
 * with a random key of this process, and not longer than the JWT is valid.
 */
export function createJwtCheck(options: JwtCheckOptions): JwtCheck {
  const { url, issuers, audiences, projectsClaim, anonymous, onRefusal, onFault, nowMs } = options;
  const { hash: hashCaller } = options;
  const keys = createJwtKeys({ url, onFault, nowMs });
  const good = new LRUCache<string, CallerAuthorization>({ max: REMEMBERED_MAX });
  const looking = new SingleFlight<CallerAuthorization>(nowMs);
  const secret = randomBytes(32);
  const claims: JWTVerifyOptions = {
    algorithms: ALGORITHMS,
    clockTolerance: LEEWAY_S,
    requiredClaims: ["exp"],
    ...(issuers === null ? {} : { issuer: [...issuers] }),
    ...(audiences === null ? {} : { audience: [...audiences] }),
  };
  // A caller without a JWT has no claim with projects.
  const anyone = projectsClaim === null ? ALLOWED : { ...ALLOWED, projects: NO_PROJECTS };
  const hash = (text: string): string => createHmac("sha256", secret).update(text).digest("base64url");

  const known = (authorization: string | undefined): CallerAuthorization | null => {
    if (authorization === undefined) return anonymous ? anyone : null;
    if (authorization.length > AUTHORIZATION_MAX) return null;
    const authorized = good.get(hash(authorization));
    return authorized !== undefined && nowMs() < authorized.untilMs ? authorized : null;
  };

  const verify = async (jwt: string, key: string): Promise<CallerAuthorization> => {
    const payload = await verifyJwt(jwt, keys, { ...claims, currentDate: new Date(nowMs()) });
    const { exp = 0, iss = "", sub } = payload;
    // A JWT that has expired within the allowed clock difference is valid, but is not remembered.
    const untilMs = Math.min(exp * 1_000, nowMs() + REMEMBERED_MS);
    const projects = projectsClaim === null ? undefined : projectsOf(payload, projectsClaim);
    // A caller can have several JWTs at the same time.
    const caller = hashCaller(sub === undefined ? jwt : JSON.stringify([iss, sub]));
    const authorized = { refusal: null, untilMs, caller, ...(projects === undefined ? {} : { projects }) };
    good.set(key, authorized);
    return authorized;
  };

  const refuse = (reason: JwtRefusal, refusal: GatewayError): CallerAuthorization => {
    onRefusal(reason);
    return { refusal, untilMs: 0 };
  };

  return {
    known,
    async check(authorization, waiter) {
      if (authorization === undefined) return refuse("missing", refusedJwt("missing"));
      const jwt = authorization.length > AUTHORIZATION_MAX ? null : BEARER_JWT.exec(authorization)?.[1];
      if (!jwt) return refuse("malformed", refusedJwt("malformed"));
      const key = hash(authorization);
      try {
        return (await looking.join(key, 0, waiter, () => verify(jwt, key))).value;
      } catch (error) {
        const reason = reasonOf(error);
        if (reason !== null) return refuse(reason, refusedJwt(reason));
        // The caller left before the check ended, so the check has no result.
        if (error instanceof GatewayError && waiter.signal.aborted) return { refusal: error, untilMs: 0 };
        if (error instanceof GatewayError) return refuse("keys_unavailable", error);
        onFault(error);
        return refuse("keys_unavailable", keysUnavailable(KEYS_PAUSE_MS, error));
      }
    },
  };
}
