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

/** Looks at callers' JWTs. */
export type JwtCheck = {
  /** What is known at once of who sends this `Authorization`; null where it has to be looked at. Costs one hash. */
  readonly known: (authorization: string | undefined) => CallerAuthorization | null;
  /** Finds it out where it is not known, for as long as the waiter waits. Never throws. */
  readonly check: (authorization: string | undefined, waiter: Waiter) => Promise<CallerAuthorization>;
};

export type JwtCheckOptions = {
  /** Of the key set. */
  readonly url: string;
  /** One of these must be the JWT's `iss`, and one must be among its `aud`; null where any value is accepted. */
  readonly issuers: readonly string[] | null;
  readonly audiences: readonly string[] | null;
  /** The path of the claim that lists the projects a caller may read; null where every caller may read all. */
  readonly projectsClaim: string | null;
  /** Whether callers without any `Authorization` are served, too. */
  readonly anonymous: boolean;
  /** Hashes what identifies a caller; the same in all processes that share budgets. */
  readonly hash: (text: string) => string;
  readonly onRefusal: (reason: JwtRefusal) => void;
  /** Is told when keys can no longer be had, or used. */
  readonly onFault: (error: unknown) => void;
  /** A clock, in milliseconds since the epoch. */
  readonly nowMs: () => number;
};

/** Those that are made with a private key; with a shared one, whoever can check a JWT could also write it. */
const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
/** How far the issuer's clock may be from this one, in seconds. */
const LEEWAY_S = 30;
/** JWTs found good are remembered so long, in milliseconds, so that a key that is withdrawn stops being one. */
const REMEMBERED_MS = 120_000;
/** So many of them. */
const REMEMBERED_MAX = 10_000;
const AUTHORIZATION_MAX = 16_384;
const BEARER_JWT = /^bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i;
/** What the keys are said to need before they can be had again, where they are not fit to be used. */
const KEYS_PAUSE_MS = 10_000;

/**
 * Makes the check of who may ask where the gateway asks ModelArts with credentials of its own. What is remembered of a
 * JWT is a hash, keyed anew by each process, and is forgotten at the latest when the JWT expires.
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
  // A caller without a JWT has no claim that lists projects.
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
    // Within the leeway behind its end a JWT is good, and looked at each time.
    const untilMs = Math.min(exp * 1_000, nowMs() + REMEMBERED_MS);
    const projects = projectsClaim === null ? undefined : projectsOf(payload, projectsClaim);
    // A caller may have several JWTs at a time.
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
        // Who waits no longer has learned nothing.
        if (error instanceof GatewayError && waiter.signal.aborted) return { refusal: error, untilMs: 0 };
        if (error instanceof GatewayError) return refuse("keys_unavailable", error);
        onFault(error);
        return refuse("keys_unavailable", keysUnavailable(KEYS_PAUSE_MS, error));
      }
    },
  };
}
