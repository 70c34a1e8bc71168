import { LRUCache } from "lru-cache";
import { GatewayError, type GatewayErrorCode } from "../errors.js";
import { startLimit } from "./call-limit.js";
import { publish } from "./channels.js";
import { type CallContext } from "./client.js";
import { failureFacts } from "./failed-tries.js";
import { type Iam, type IamToken, type IamUser, logIn, type LoginOutcome } from "./iam-login.js";
import { createRedact } from "./redact.js";
import { createRefusalGuard } from "./refusal-guard.js";
import { createSockets } from "./sockets.js";
import { type RetryHabits, untilAnswered } from "./until-answered.js";
import { createWaitingRoom } from "./waiting-room.js";

/** One token of one project. */
export type KeptToken = IamToken & {
  readonly obtainedAtMs: number;
  /** Whether the one before it had been refused. */
  readonly isReplacement: boolean;
  /** Whether ModelArts has taken it. */
  isAccepted: boolean;
  /** Whether ModelArts has refused it; it is shown no more. */
  isOver: boolean;
};

export type IamTokens = {
  /**
   * The token of a project: at once where there is one, which is renewed in the background near its end; else once IAM
   * has given one.
   * @throws GatewayError what IAM said, for a while after it did; the call's own once it is over
   */
  readonly tokenOf: (projectId: string, call: CallContext) => Promise<KeptToken>;
  /** Whether a token is still the one of its project. */
  readonly isCurrent: (projectId: string, token: KeptToken) => boolean;
  readonly close: () => void;
};

export type IamTokensOptions = RetryHabits & {
  /** Base URL of IAM. */
  readonly endpoint: string;
  readonly user: IamUser;
  readonly tryTimeoutMs: number;
  /** A clock, in milliseconds since the epoch. */
  readonly nowMs?: () => number;
};

/** Projects whose tokens, and whose refusals, are kept; callers may name any. */
const TOKENS_MAX = 200;
const PAUSES_MAX = 1_000;
/** Logins at once, over so many sockets. */
const LOGINS_MAX = 16;
const SOCKETS = 4;
/** A login ends by then, in milliseconds, whoever waits for it. */
const LOGIN_MAX_MS = 30_000;
/** IAM's tokens live a day; so long before their end, or in their last quarter, they are renewed. */
const RENEWED_AHEAD_MS = 1_800_000;
/** So long before its end a token is shown no more: it has to last on its way, and clocks differ. */
const LAST_MOMENT_MS = 60_000;
/** By default an IAM user is locked after five wrong passwords within a quarter of an hour; this makes four. */
const REFUSALS_MAX = 2;
const PAUSE_MS = 300_000;

/** How long IAM is not asked for a project again after it failed with a code; others may pass sooner. */
const PAUSES_MS: Partial<Record<GatewayErrorCode, number>> = {
  UNAUTHENTICATED: PAUSE_MS,
  FORBIDDEN: 30_000,
  UPSTREAM_BAD_REQUEST: 30_000,
};
const SHORT_PAUSE_MS = 2_000;
const GOOD = { status: 201, fault: null, code: null, upstreamCode: null };

/** Gets tokens of an IAM user, one for each project, once for all who want it meanwhile. */
export function createIamTokens(options: IamTokensOptions): IamTokens {
  const { user, tryTimeoutMs, nowMs = Date.now } = options;
  const endpoint = new URL(options.endpoint);
  const sockets = createSockets(endpoint, SOCKETS);
  const iam: Iam = {
    sockets,
    basePath: endpoint.pathname.replace(/\/+$/, ""),
    redact: createRedact(endpoint),
    user,
  };
  const tokens = new LRUCache<string, KeptToken>({ max: TOKENS_MAX });
  const pauses = new LRUCache<string, { readonly untilMs: number; readonly error: GatewayError }>({
    max: PAUSES_MAX,
  });
  const underWay = new Set<string>();
  const room = createWaitingRoom();
  const closing = new AbortController();
  let hasAnswered = false;
  const guard = createRefusalGuard({
    refusalsMax: REFUSALS_MAX,
    pauseMs: PAUSE_MS,
    onPause: (isPaused) => {
      publish("gateway:modelarts:credentials", { kind: "password", isPaused });
    },
    nowMs,
  });

  const tryLogin = async (projectId: string, call: CallContext, attempt: number): Promise<LoginOutcome> => {
    const limit = startLimit(call, tryTimeoutMs);
    const startedAt = performance.now();
    const outcome = await logIn(iam, projectId, limit);
    limit.stop();
    const { requestId } = call;
    const facts = outcome.kind === "answered" ? GOOD : failureFacts(outcome);
    const durationMs = performance.now() - startedAt;
    publish("gateway:modelarts:login", { projectId, requestId, attempt, durationMs, ...facts });
    return outcome;
  };

  /** IAM may say the same of a wrong password and of a project that the user does not have. */
  const isOfPassword = ({ code }: GatewayError, projectId: string): boolean =>
    code === "UNAUTHENTICATED" && (tokens.has(projectId) || !hasAnswered);

  const login = async (projectId: string, call: CallContext): Promise<IamToken> => {
    await guard.enter(call);
    try {
      const makeTry = (attempt: number) => tryLogin(projectId, call, attempt);
      const { token } = await untilAnswered(makeTry, call, options);
      guard.leave("accepted", null);
      return token;
    } catch (error) {
      const refusal = error instanceof GatewayError && isOfPassword(error, projectId) ? error : null;
      guard.leave(refusal === null ? null : "refused", refusal);
      throw error;
    }
  };

  const keep = (projectId: string, { text, expiresAtMs }: IamToken): void => {
    const obtainedAtMs = nowMs();
    if (expiresAtMs <= obtainedAtMs) {
      throw new GatewayError(
        "UPSTREAM_INVALID_RESPONSE",
        "IAM gave a token that has ended: do clocks differ?",
      );
    }
    hasAnswered = true;
    const isReplacement = tokens.peek(projectId)?.isOver ?? false;
    tokens.set(projectId, {
      text,
      expiresAtMs,
      obtainedAtMs,
      isReplacement,
      isAccepted: false,
      isOver: false,
    });
    pauses.delete(projectId);
  };

  const pause = (projectId: string, reason: unknown): void => {
    const error =
      reason instanceof GatewayError
        ? reason
        : new GatewayError("INTERNAL_SERVER_ERROR", "The gateway could not ask IAM.", {}, { cause: reason });
    const pauseMs = error.details.retryAfterMs ?? PAUSES_MS[error.code] ?? SHORT_PAUSE_MS;
    pauses.set(projectId, { untilMs: nowMs() + Math.min(pauseMs, PAUSE_MS), error });
  };

  /** Gets a new token in the background, unless that is being done or IAM is being spared. */
  const renew = (projectId: string, { requestId }: CallContext): void => {
    if (underWay.has(projectId) || underWay.size >= LOGINS_MAX || pauseOf(projectId) !== null) return;
    underWay.add(projectId);
    const deadlineMs = Date.now() + LOGIN_MAX_MS;
    const call: CallContext = {
      credentials: { kind: "none" },
      requestId,
      signal: closing.signal,
      deadlineMs: () => deadlineMs,
    };
    void login(projectId, call)
      .then((token) => {
        keep(projectId, token);
      })
      .catch((error: unknown) => {
        pause(projectId, error);
      })
      .finally(() => {
        underWay.delete(projectId);
        room.wake();
      });
  };

  const pauseOf = (projectId: string): GatewayError | null => {
    const { untilMs, error } = pauses.get(projectId) ?? { untilMs: 0, error: null };
    const retryAfterMs = untilMs - nowMs();
    if (error === null || retryAfterMs <= 0) return null;
    return new GatewayError(error.code, error.message, { ...error.details, retryAfterMs }, { cause: error });
  };

  return {
    async tokenOf(projectId, call) {
      for (;;) {
        const token = tokens.get(projectId);
        const leftMs = token === undefined || token.isOver ? 0 : token.expiresAtMs - nowMs();
        if (token !== undefined && leftMs > aheadMs(token, LAST_MOMENT_MS, 0.1)) {
          if (leftMs <= aheadMs(token, RENEWED_AHEAD_MS, 0.25)) renew(projectId, call);
          return token;
        }
        const error = pauseOf(projectId);
        if (error !== null) throw error;
        renew(projectId, call);
        await room.wait(call);
      }
    },
    isCurrent: (projectId, token) => tokens.peek(projectId) === token,
    close: () => {
      closing.abort();
      sockets.close();
    },
  };
}

/** So long before its end, but no larger a part of its life than that. */
function aheadMs({ expiresAtMs, obtainedAtMs }: KeptToken, ms: number, part: number): number {
  return Math.min(ms, (expiresAtMs - obtainedAtMs) * part);
}
