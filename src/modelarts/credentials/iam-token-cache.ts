import { LRUCache } from "lru-cache";
import { GatewayError, type GatewayErrorCode } from "../../errors.js";
import { type CallContext } from "../client.js";
import { type IamToken } from "./iam-client.js";
import { createIamLoginGuard, type IamLoginGuardOptions } from "./iam-login-guard.js";
import { createWaiters } from "./waiters.js";

/** One token of one project. */
export type KeptToken = IamToken & {
  readonly obtainedAtMs: number;
  /** Whether the one before it had been refused. */
  readonly isReplacement: boolean;
  /** Whether it is to be replaced before it is shown again, as ModelArts has refused it. */
  isOver: boolean;
};

export type IamTokenCache = {
  /**
   * The token of a project: at once where there is one, which is renewed in the background near its end; else once IAM
   * has given one. One that is over, but has not ended, is given after all where IAM gives no other.
   * @throws GatewayError what IAM said, for a while after it did; the call's own once it is over
   */
  readonly tokenOf: (projectId: string, call: CallContext) => Promise<KeptToken>;
  /** Whether a token is still the one of its project. */
  readonly isCurrent: (projectId: string, token: KeptToken) => boolean;
  /** @throws GatewayError where IAM is not to be asked for a project now: what it said just before */
  readonly check: (projectId: string) => void;
  /** Whether IAM may be asked for a project now. */
  readonly mayAsk: (projectId: string) => boolean;
  readonly close: () => void;
};

/** Projects whose tokens, and whose failures, are kept; callers may name any. */
const TOKENS_MAX = 200;
const FAILURES_MAX = 1_000;
/** Projects for which logins are under way or wait for their turn. */
const LOGINS_MAX = 16;
/** IAM's tokens live a day; so long before their end, or in their last quarter, they are renewed. */
const RENEWED_AHEAD_MS = 1_800_000;
/** So long before its end a token is shown no more: it has to last on its way, and clocks differ. */
const LAST_MOMENT_MS = 60_000;

/** How long IAM is not asked for a project again after it failed with a code; other failures may pass sooner. */
const PAUSES_MS: Partial<Record<GatewayErrorCode, number>> = {
  FORBIDDEN: 30_000,
  UPSTREAM_BAD_REQUEST: 30_000,
};
const SHORT_PAUSE_MS = 2_000;
const PAUSE_MAX_MS = 300_000;

/** Keeps tokens of an IAM user, one for each project, each got once for all who want it meanwhile. */
export function createIamTokenCache(options: IamLoginGuardOptions): IamTokenCache {
  const { nowMs = Date.now } = options;
  const logins = createIamLoginGuard(options);
  const tokens = new LRUCache<string, KeptToken>({ max: TOKENS_MAX });
  const failures = new LRUCache<string, { readonly untilMs: number; readonly error: GatewayError }>({
    max: FAILURES_MAX,
  });
  const underWay = new Set<string>();
  const room = createWaiters();

  const keep = (projectId: string, { text, expiresAtMs }: IamToken): void => {
    const obtainedAtMs = nowMs();
    if (expiresAtMs <= obtainedAtMs) {
      const message = "IAM gave a token that has ended: do clocks differ?";
      throw new GatewayError("UPSTREAM_INVALID_RESPONSE", message);
    }
    const isReplacement = tokens.peek(projectId)?.isOver ?? false;
    tokens.set(projectId, { text, expiresAtMs, obtainedAtMs, isReplacement, isOver: false });
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

  /** Gets a new token in the background, unless that is being done. Never fails: who waits finds out by `check`. */
  const renew = async (projectId: string, requestId: string): Promise<void> => {
    if (underWay.has(projectId) || underWay.size >= LOGINS_MAX) return;
    underWay.add(projectId);
    try {
      keep(projectId, await logins.logIn(projectId, requestId));
    } catch (reason) {
      note(projectId, asGatewayError(reason));
      // It may have been refused for one job alone, and others would have nothing in its place.
      const old = tokens.peek(projectId);
      if (old !== undefined) old.isOver = false;
    }
    underWay.delete(projectId);
    room.wake();
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
        const leftMs = token === undefined || token.isOver ? 0 : token.expiresAtMs - nowMs();
        if (token !== undefined && leftMs > aheadMs(token, LAST_MOMENT_MS, 0.1)) {
          if (leftMs <= aheadMs(token, RENEWED_AHEAD_MS, 0.25)) renewAhead(projectId, call.requestId);
          return token;
        }
        check(projectId);
        void renew(projectId, call.requestId);
        await room.wait(call);
      }
    },
    isCurrent: (projectId, token) => tokens.peek(projectId) === token,
    check,
    mayAsk,
    close: logins.close,
  };
}

/** So long before its end, but no larger a part of its life than that. */
function aheadMs({ expiresAtMs, obtainedAtMs }: KeptToken, ms: number, part: number): number {
  return Math.min(ms, (expiresAtMs - obtainedAtMs) * part);
}

function asGatewayError(reason: unknown): GatewayError {
  if (reason instanceof GatewayError) return reason;
  return new GatewayError("INTERNAL_SERVER_ERROR", "The gateway could not ask IAM.", {}, { cause: reason });
}
