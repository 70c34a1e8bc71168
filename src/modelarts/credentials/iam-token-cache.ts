import { LRUCache } from "lru-cache";
import { GatewayError, type GatewayErrorCode } from "../../errors.js";
import { type CallContext } from "../client.js";
import { type IamToken } from "./iam-client.js";
import { createIamLoginGuard, type IamLoginGuardOptions } from "./iam-login-guard.js";
import { createWaiters } from "./waiters.js";

/** One token of one project. */
export type KeptToken = IamToken & {
  readonly obtainedAtMs: number;
  /** Whether it replaced a token that ModelArts had rejected. */
  readonly isReplacement: boolean;
  /** Whether the gateway must replace it before it sends it again, because ModelArts rejected it. */
  mustReplace: boolean;
};

export type IamTokenCache = {
  /**
   * Returns the token of a project. A kept token is returned at once, and renewed in the background when it is about to
   * expire. Otherwise the call waits for IAM. If IAM issues no replacement for a rejected token, that token is returned
   * until it expires.
   * @throws GatewayError IAM's last error, for a while after it; the call's own error after its abort or deadline
   */
  readonly tokenOf: (projectId: string, call: CallContext) => Promise<KeptToken>;
  /** Whether a token is still the kept token of its project. */
  readonly isCurrent: (projectId: string, token: KeptToken) => boolean;
  /** @throws GatewayError IAM's last error, while the gateway pauses requests to IAM for a project */
  readonly check: (projectId: string) => void;
  /** Whether the gateway may request a token for a project now. */
  readonly mayAsk: (projectId: string) => boolean;
  readonly close: () => void;
};

/** Limits of the projects whose tokens and failures are kept, because callers may name any project. */
const TOKENS_MAX = 200;
const FAILURES_MAX = 1_000;
/** The maximum number of projects with a login that is in flight or waits for its turn. */
const LOGINS_MAX = 16;
/**
 * The gateway renews a token this long before it expires, or in the last quarter of its life, in milliseconds. IAM's
 * tokens live for 24 hours.
 */
const REFRESH_AHEAD_MS = 1_800_000;
/** The gateway does not send a token this long before it expires, in milliseconds: clocks differ, and a call takes time. */
const EXPIRY_MARGIN_MS = 60_000;

/** The pause between token requests for a project after these errors; other errors have a short pause. */
const PAUSES_MS: Partial<Record<GatewayErrorCode, number>> = {
  FORBIDDEN: 30_000,
  UPSTREAM_BAD_REQUEST: 30_000,
};
const SHORT_PAUSE_MS = 2_000;
const PAUSE_MAX_MS = 300_000;

/** Keeps one token of an IAM user for each project. Concurrent calls for a project share one login. */
export function createIamTokenCache(options: IamLoginGuardOptions): IamTokenCache {
  const { nowMs = Date.now } = options;
  const logins = createIamLoginGuard(options);
  const tokens = new LRUCache<string, KeptToken>({ max: TOKENS_MAX });
  const failures = new LRUCache<string, { readonly untilMs: number; readonly error: GatewayError }>({
    max: FAILURES_MAX,
  });
  const inFlight = new Set<string>();
  const waiters = createWaiters();

  const keep = (projectId: string, { text, expiresAtMs }: IamToken): void => {
    const obtainedAtMs = nowMs();
    if (expiresAtMs <= obtainedAtMs) {
      const message = "IAM issued a token that has already expired. Check this machine's clock.";
      throw new GatewayError("UPSTREAM_INVALID_RESPONSE", message);
    }
    const isReplacement = tokens.peek(projectId)?.mustReplace ?? false;
    tokens.set(projectId, { text, expiresAtMs, obtainedAtMs, isReplacement, mustReplace: false });
    failures.delete(projectId);
  };

  const note = (projectId: string, error: GatewayError): void => {
    const pauseMs = error.details.retryAfterMs ?? PAUSES_MS[error.code] ?? SHORT_PAUSE_MS;
    failures.set(projectId, { untilMs: nowMs() + Math.min(pauseMs, PAUSE_MAX_MS), error });
  };

  const check = (projectId: string): void => {
    logins.check();
    const failure = failures.get(projectId);
    if (failure === undefined || nowMs() >= failure.untilMs) return;
    const { code, message, details, retryable } = failure.error;
    const retryAfterMs = failure.untilMs - nowMs();
    throw new GatewayError(code, message, retryable ? { ...details, retryAfterMs } : details);
  };

  /** Starts a login in the background, if none is in flight. Never fails: waiting calls read the error from `check`. */
  const renew = async (projectId: string, requestId: string): Promise<void> => {
    if (inFlight.has(projectId) || inFlight.size >= LOGINS_MAX) return;
    inFlight.add(projectId);
    try {
      keep(projectId, await logins.logIn(projectId, requestId));
    } catch (reason) {
      note(projectId, asGatewayError(reason));
      // Use the old token again: ModelArts may have rejected it for one job only, and there is no other token.
      const old = tokens.peek(projectId);
      if (old !== undefined) old.mustReplace = false;
    }
    inFlight.delete(projectId);
    waiters.wake();
  };

  const mayAsk = (projectId: string): boolean => {
    try {
      check(projectId);
      return true;
    } catch {
      return false;
    }
  };

  const renewAhead = (projectId: string, requestId: string): void => {
    if (mayAsk(projectId)) void renew(projectId, requestId);
  };

  return {
    async tokenOf(projectId, call) {
      for (;;) {
        const token = tokens.get(projectId);
        const leftMs = token === undefined || token.mustReplace ? 0 : token.expiresAtMs - nowMs();
        if (token !== undefined && leftMs > aheadMs(token, EXPIRY_MARGIN_MS, 0.1)) {
          if (leftMs <= aheadMs(token, REFRESH_AHEAD_MS, 0.25)) renewAhead(projectId, call.requestId);
          return token;
        }
        check(projectId);
        void renew(projectId, call.requestId);
        await waiters.wait(call);
      }
    },
    isCurrent: (projectId, token) => tokens.peek(projectId) === token,
    check,
    mayAsk,
    close: logins.close,
  };
}

/** Returns `ms`, but at most the fraction `part` of the token's lifetime. */
function aheadMs({ expiresAtMs, obtainedAtMs }: KeptToken, ms: number, part: number): number {
  return Math.min(ms, (expiresAtMs - obtainedAtMs) * part);
}

function asGatewayError(reason: unknown): GatewayError {
  if (reason instanceof GatewayError) return reason;
  return new GatewayError(
    "INTERNAL_SERVER_ERROR",
    "The gateway could not send a request to IAM.",
    {},
    { cause: reason },
  );
}
