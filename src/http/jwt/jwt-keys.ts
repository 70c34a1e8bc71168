import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from "jose";
import { createSockets, type Sockets } from "../../modelarts/calls/sockets.js";
import { keysUnavailable } from "./jwt-refusals.js";

/** The time limit of one request for the key set, in milliseconds. */
const FETCH_LIMIT_MS = 5_000;
/** The key sets of the largest providers have a tenth of this size. */
const BODY_MAX_BYTES = 262_144;
const SOCKETS = 2;
/** The age at which keys are renewed in the background, in milliseconds. */
const RENEWED_AFTER_MS = 120_000;
/** The age from which keys are not used, even if they cannot be renewed, in milliseconds. */
const USED_MAX_MS = 600_000;
/** The shortest time between two requests for the key set because of unknown keys, in milliseconds. */
const COOLDOWN_MS = 10_000;
/** The shortest time between a failure and the next request, in milliseconds. */
const PAUSE_MS = 2_000;

export type JwtKeysOptions = {
  /** The URL of the key set. */
  readonly url: string;
  /** Called when the keys can no longer be fetched. */
  readonly onFault: (error: unknown) => void;
  /** The current time, in milliseconds since the epoch. */
  readonly nowMs: () => number;
};

/**
 * Finds the public keys of JWTs in a remote key set. This module decides when to fetch the set again, because jose does
 * not pause after a failure, and drops its keys while the set cannot be reached.
 * @returns a function that throws a retryable GatewayError if there are no keys
 */
export function createJwtKeys({ url, onFault, nowMs }: JwtKeysOptions): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: FETCH_LIMIT_MS,
    cooldownDuration: Infinity,
    cacheMaxAge: Infinity,
    [customFetch]: fetchBy(createSockets(new URL(url), SOCKETS, { bodyMaxBytes: BODY_MAX_BYTES })),
  });
  let renewedAtMs = -Infinity;
  let askedAtMs = -Infinity;
  let isFailing = false;

  /** Fetches the key set, unless the last request was too recent. */
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
      // A failed request can take up to its time limit, so the pause begins after it.
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

/** A `fetch` for the key set that uses the proxy settings and limits the size of the body. */
function fetchBy(sockets: Sockets): FetchImplementation {
  return async (url, { signal }) => {
    const { pathname, search } = new URL(url);
    const sent = {
      method: "GET",
      path: `${pathname}${search}`,
      headers: { accept: "application/json" },
    } as const;
    const limit = {
      whenOver: (stop: () => void): void => {
        if (signal.aborted) stop();
        else signal.addEventListener("abort", stop);
      },
    };
    const { status, body } = await sockets.send(sent, limit);
    if (status !== 200) return new Response(null, { status: 500 });
    if (body === null) throw new Error("The key set is too large.");
    return new Response(body);
  };
}
