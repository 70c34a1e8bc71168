import { SingleFlight } from "../../common/single-flight.js";
import { GatewayError } from "../../errors.js";
import { publish } from "../channels.js";
import { type CallContext } from "../client.js";
import { createMetadataClient, type TemporaryKey } from "./metadata-client.js";
import { type SigningKey } from "./signature.js";

/** Gives the key for the next signature. */
export type KeySource = {
  /** @throws GatewayError if there is no key */
  readonly keyFor: (call: CallContext) => Promise<SigningKey>;
  readonly close: () => void;
};

/** The gateway renews keys this long before they expire, or in the last quarter of their life, in milliseconds. */
const REFRESH_AHEAD_MS = 600_000;
/** The gateway does not use keys this long before they expire, in milliseconds: clocks differ, and a call takes time. */
const EXPIRY_MARGIN_MS = 30_000;
/** The shortest time between two requests to the metadata service, in milliseconds. */
const PAUSE_MS = 2_000;
/** The shortest time between two renewals, because the metadata service may return the same keys for a while. */
const RENEWAL_PAUSE_MS = 30_000;
/** The time limit of a renewal in the background, in milliseconds. */
const RENEWAL_LIMIT_MS = 10_000;

type Kept = TemporaryKey & { readonly obtainedAtMs: number };

/**
 * Keeps temporary keys from the metadata service and renews them in the background before they expire. Calls wait only
 * for the first keys, or if all renewals failed.
 * @param nowMs a clock, in milliseconds since the epoch
 */
export function createAgencyKeys(endpoint: URL, nowMs: () => number = Date.now): KeySource {
  const metadata = createMetadataClient(endpoint);
  const fetches = new SingleFlight<Kept>(nowMs);
  const closing = new AbortController();
  let kept: Kept | null = null;
  let askedAtMs = -Infinity;
  let failure: GatewayError | null = null;

  const fetchOnce = async (call: CallContext): Promise<Kept> => {
    askedAtMs = nowMs();
    try {
      const fetched = { ...(await metadata.fetchKey(call)), obtainedAtMs: nowMs() };
      if (fetched.expiresAtMs <= nowMs()) {
        const message =
          "The metadata service issued keys that have already expired. Check this machine's clock.";
        throw new GatewayError("UPSTREAM_UNAVAILABLE", message);
      }
      if (failure !== null) publish("gateway:modelarts:keys", { isFailing: false, fault: null });
      failure = null;
      kept = fetched;
      return fetched;
    } catch (error) {
      // The pause starts at the end of the request, which may take seconds.
      askedAtMs = nowMs();
      if (failure === null) publish("gateway:modelarts:keys", { isFailing: true, fault: faultOf(error) });
      failure = error instanceof GatewayError ? error : null;
      throw error;
    }
  };

  const fetch = async (call: CallContext): Promise<Kept> => {
    const waiter = { signal: call.signal, deadlineMs: call.deadlineMs() };
    const joined = await fetches.join("key", 0, waiter, ({ signal, deadlineMs }) =>
      fetchOnce({ ...call, signal, deadlineMs }),
    );
    return joined.value;
  };

  const renew = (call: CallContext): void => {
    const deadlineMs = Date.now() + RENEWAL_LIMIT_MS;
    fetch({ ...call, signal: closing.signal, deadlineMs: () => deadlineMs }).catch(() => undefined);
  };

  return {
    async keyFor(call) {
      const leftMs = kept === null ? 0 : kept.expiresAtMs - nowMs();
      const sinceMs = nowMs() - askedAtMs;
      if (kept !== null && leftMs > aheadMs(kept, EXPIRY_MARGIN_MS, 0.1)) {
        if (leftMs <= aheadMs(kept, REFRESH_AHEAD_MS, 0.25) && sinceMs >= RENEWAL_PAUSE_MS) renew(call);
        return kept.key;
      }
      if (failure !== null && sinceMs < PAUSE_MS) {
        const { code, message, cause } = failure;
        throw new GatewayError(code, message, { retryAfterMs: Math.ceil(PAUSE_MS - sinceMs) }, { cause });
      }
      return (await fetch(call)).key;
    },
    close: () => {
      closing.abort();
      metadata.close();
    },
  };
}

/** Returns `ms`, but at most the fraction `part` of the lifetime of the keys. */
function aheadMs({ expiresAtMs, obtainedAtMs }: Kept, ms: number, part: number): number {
  return Math.min(ms, (expiresAtMs - obtainedAtMs) * part);
}

/** The code or name of the error's cause, without any text of the service. */
function faultOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return "unknown";
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}
