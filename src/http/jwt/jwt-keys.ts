import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from "jose";
import { keysUnavailable } from "./jwt-refusals.js";

/** The limit of one request for the keys, in milliseconds. */
const FETCH_LIMIT_MS = 5_000;
/** Key sets of the largest providers are a tenth of it. */
const BODY_MAX_BYTES = 262_144;
/** Keys older than that are renewed while those that are there go on being used, in milliseconds. */
const RENEWED_AFTER_MS = 120_000;
/** Keys older than that are not used, whatever it is that keeps them from being renewed, in milliseconds. */
const USED_MAX_MS = 600_000;
/** An unknown key makes the set be asked for no sooner than so long after the last time, in milliseconds. */
const COOLDOWN_MS = 10_000;
/** And so long after a failure, in milliseconds. */
const PAUSE_MS = 2_000;

export type JwtKeysOptions = {
  /** Of the key set, asked as it stands. */
  readonly url: string;
  /** Is told when the keys can no longer be had. */
  readonly onFault: (error: unknown) => void;
  /** A clock, in milliseconds since the epoch. */
  readonly nowMs: () => number;
};

/**
 * Finds the public keys of JWTs in a remote set. When to ask for the set anew is decided here: jose knows no pause
 * after a failure, and would let keys that are there lapse where the set cannot be reached for a moment.
 * @returns a function that throws a retryable GatewayError where no keys can be had
 */
export function createJwtKeys({ url, onFault, nowMs }: JwtKeysOptions): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: FETCH_LIMIT_MS,
    cooldownDuration: Infinity,
    cacheMaxAge: Infinity,
    [customFetch]: fetchBounded,
  });
  let renewedAtMs = -Infinity;
  let askedAtMs = -Infinity;
  let isFailing = false;

  /** Asks for the set, unless that was done just now. */
  const renew = async (): Promise<void> => {
    const waitMs = askedAtMs + (isFailing ? PAUSE_MS : COOLDOWN_MS) - nowMs();
    if (waitMs > 0 && !keys.reloading) {
      if (isFailing) throw keysUnavailable(waitMs);
      return;
    }
    if (!keys.reloading) askedAtMs = nowMs();
    try {
      await keys.reload();
      renewedAtMs = nowMs();
      isFailing = false;
    } catch (error) {
      // A failure may have taken as long as it was allowed to; the pause begins after it.
      askedAtMs = nowMs();
      if (!isFailing) onFault(error);
      isFailing = true;
      throw keysUnavailable(PAUSE_MS, error);
    }
  };

  return async (header, token) => {
    const ageMs = nowMs() - renewedAtMs;
    if (ageMs >= USED_MAX_MS) await renew();
    else if (ageMs >= RENEWED_AFTER_MS) void renew().catch(() => undefined);
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await renew();
      return keys(header, token);
    }
  };
}

/** `fetch`, but that what is longer than any key set is not read to its end. */
const fetchBounded: FetchImplementation = async (url, options) => {
  const { status, body } = await fetch(url, options);
  if (status !== 200 || body === null) {
    await body?.cancel();
    return new Response(null, { status: 500 });
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > BODY_MAX_BYTES) throw new Error("The key set is too long.");
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks));
};
