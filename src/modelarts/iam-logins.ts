import { setMaxListeners } from "node:events";
import { LRUCache } from "lru-cache";
import { GatewayError } from "../errors.js";
import { startLimit } from "./call-limit.js";
import { publish } from "./channels.js";
import { type CallContext } from "./client.js";
import { failureFacts } from "./failed-tries.js";
import { type Iam, type IamToken, type IamUser, logIn, type LoginOutcome } from "./iam-login.js";
import { createRedact } from "./redact.js";
import { createRefusalGuard } from "./refusal-guard.js";
import { createSockets } from "./sockets.js";
import { type RetryHabits, untilAnswered } from "./until-answered.js";

export type IamLoginsOptions = RetryHabits & {
  /** Base URL of IAM. */
  readonly endpoint: string;
  readonly user: IamUser;
  /** The limit of one try, in milliseconds. */
  readonly tryTimeoutMs: number;
  /** A clock, in milliseconds since the epoch. */
  readonly nowMs?: () => number;
};

/** Logs a user in to IAM. */
export type IamLogins = {
  /** @throws GatewayError of the last refusal while the password is not to be shown */
  readonly check: () => void;
  /**
   * Gets a token of a project, with as many tries as calls to ModelArts have.
   * @throws GatewayError
   */
  readonly logIn: (projectId: string, requestId: string) => Promise<IamToken>;
  /** Gives up those that are under way. */
  readonly close: () => void;
};

const SOCKETS = 4;
/** A login ends by then, in milliseconds, whoever waits for it. */
const LOGIN_MAX_MS = 30_000;
/**
 * IAM locks a user after 3 to 10 wrong passwords within 15 to 60 minutes, as the account's administrator has set it
 * (`login_policy` of its API). These make no more than two within a quarter of an hour.
 */
const REFUSALS_MAX = 2;
const PAUSE_MS = 960_000;
/** So many projects are known to have had a token. */
const ANSWERED_MAX = 1_000;
const GOOD = { status: 201, fault: null, code: null, upstreamCode: null };

/** Makes logins that end by themselves, and that spare a password which is refused. */
export function createIamLogins(options: IamLoginsOptions): IamLogins {
  const { user, tryTimeoutMs, nowMs = Date.now } = options;
  const endpoint = new URL(options.endpoint);
  const iam: Iam = {
    sockets: createSockets(endpoint, SOCKETS),
    basePath: endpoint.pathname.replace(/\/+$/, ""),
    redact: createRedact(endpoint),
    user,
  };
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  const answered = new LRUCache<string, true>({ max: ANSWERED_MAX });
  const guard = createRefusalGuard({
    refusalsMax: REFUSALS_MAX,
    pauseMs: PAUSE_MS,
    onPause: (isPaused) => {
      publish("gateway:modelarts:credentials", { kind: "password", isPaused });
    },
    nowMs,
  });

  const tryOnce = async (projectId: string, call: CallContext, attempt: number): Promise<LoginOutcome> => {
    const { requestId } = call;
    const limit = startLimit(call, tryTimeoutMs);
    const startedAt = performance.now();
    const outcome = await logIn(iam, projectId, requestId, limit);
    limit.stop();
    const durationMs = performance.now() - startedAt;
    const facts = outcome.kind === "answered" ? GOOD : failureFacts(outcome);
    publish("gateway:modelarts:login", { projectId, requestId, attempt, durationMs, ...facts });
    return outcome;
  };

  /** IAM may say the same of a wrong password and of a project that is not the user's. */
  const isOfPassword = ({ code }: GatewayError, projectId: string): boolean =>
    code === "UNAUTHENTICATED" && (answered.has(projectId) || answered.size === 0);

  return {
    check: guard.check,
    async logIn(projectId, requestId) {
      const deadlineMs = Date.now() + LOGIN_MAX_MS;
      const call: CallContext = {
        credentials: { kind: "none" },
        requestId,
        signal: closing.signal,
        deadlineMs: () => deadlineMs,
      };
      await guard.enter(call);
      try {
        const { token } = await untilAnswered((n) => tryOnce(projectId, call, n), call, options);
        answered.set(projectId, true);
        guard.leave("accepted", null);
        return token;
      } catch (error) {
        const refusal = error instanceof GatewayError && isOfPassword(error, projectId) ? error : null;
        guard.leave(refusal === null ? null : "refused", refusal);
        throw error;
      }
    },
    close: () => {
      closing.abort();
      iam.sockets.close();
    },
  };
}
