import { setMaxListeners } from "node:events";
import { GatewayError } from "../../errors.js";
import { startLimit } from "../calls/call-limit.js";
import { publish } from "../channels.js";
import { type CallContext } from "../client.js";
import { failureFacts } from "../calls/try-failures.js";
import {
  type Iam,
  type IamToken,
  type IamUser,
  logIn,
  type LoginOutcome,
  refusedProject,
} from "./iam-client.js";
import { createRedact } from "../redact.js";
import { createLockoutGuard } from "./lockout-guard.js";
import { type CredentialsResult } from "./sign-in.js";
import { createSockets } from "../calls/sockets.js";
import { type RetryOptions, retryLoop } from "../calls/retry-loop.js";

export type IamLoginGuardOptions = RetryOptions & {
  /** Base URL of IAM. */
  readonly endpoint: string;
  readonly user: IamUser;
  /** The limit of one try, in milliseconds. */
  readonly tryTimeoutMs: number;
  /** A clock, in milliseconds since the epoch. */
  readonly nowMs?: () => number;
};

/** Logs a user in to IAM. */
export type IamLoginGuard = {
  /** @throws GatewayError of the last refusal while the guard blocks the password */
  readonly check: () => void;
  /**
   * Gets a token for a project, with the same number of tries as calls to ModelArts.
   * @throws GatewayError
   */
  readonly logIn: (projectId: string, requestId: string) => Promise<IamToken>;
  /** Aborts all logins in flight. */
  readonly close: () => void;
};

const SOCKETS = 4;
/** The time limit of a login, in milliseconds; it does not depend on the callers that wait for it. */
const LOGIN_MAX_MS = 30_000;
/**
 * IAM locks a user after 3 to 10 wrong passwords within 15 to 60 minutes (the account's `login_policy`). The gateway
 * needs two refusals to know that the password is wrong: one for the project and one for the account. So it makes one
 * login at a time and pauses after the first such pair. That makes at most two wrong passwords in 15 minutes.
 */
const REFUSALS_MAX = 1;
const PAUSE_MS = 960_000;
const GOOD = { status: 201, fault: null, code: null, reason: null, upstreamCode: null };

/** Makes a guard that limits the time of each login, and that stops logins after IAM refused the password. */
export function createIamLoginGuard(options: IamLoginGuardOptions): IamLoginGuard {
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
  const guard = createLockoutGuard({
    refusalsMax: REFUSALS_MAX,
    isFreeOnceAccepted: false,
    pauseMs: PAUSE_MS,
    onPause: (isPaused) => {
      publish("gateway:modelarts:credentials", { kind: "password", isPaused });
    },
    nowMs,
  });

  const tryOnce = async (
    scope: "project" | "domain",
    projectId: string,
    call: CallContext,
    attempt: number,
  ): Promise<LoginOutcome> => {
    const { requestId } = call;
    const wanted = scope === "project" ? { project: { id: projectId } } : { domain: { name: user.domain } };
    const limit = startLimit(call, tryTimeoutMs);
    const startedAt = performance.now();
    const outcome = await logIn(iam, wanted, requestId, limit);
    limit.stop();
    const durationMs = performance.now() - startedAt;
    const facts = outcome.kind === "answered" ? GOOD : failureFacts(outcome);
    publish("gateway:modelarts:login", { scope, projectId, requestId, attempt, durationMs, ...facts });
    return outcome;
  };

  /**
   * Finds out whether a 401 for a project means a wrong password. IAM's documentation does not say whether a project
   * without rights also gives a 401. So the guard requests a token of the account, which every user with the right
   * password may have.
   */
  const checkPassword = async (projectId: string, call: CallContext): Promise<CredentialsResult> => {
    const outcome = await tryOnce("domain", projectId, call, 1);
    if (outcome.kind === "answered") return "accepted";
    return outcome.error.code === "UNAUTHENTICATED" ? "refused" : null;
  };

  let knownPassword = user.readPassword();
  const notePassword = (): void => {
    const password = user.readPassword();
    if (password === knownPassword) return;
    knownPassword = password;
    guard.reset();
  };

  return {
    check: () => {
      notePassword();
      guard.check();
    },
    async logIn(projectId, requestId) {
      notePassword();
      const deadlineMs = Date.now() + LOGIN_MAX_MS;
      const call: CallContext = {
        credentials: { kind: "none" },
        requestId,
        signal: closing.signal,
        deadlineMs: () => deadlineMs,
      };
      await guard.enter(call);
      let result: CredentialsResult = null;
      let refusal: GatewayError | null = null;
      try {
        const makeTry = (attempt: number) => tryOnce("project", projectId, call, attempt);
        const { token } = await retryLoop(makeTry, call, options);
        result = "accepted";
        return token;
      } catch (error) {
        if (!(error instanceof GatewayError) || error.code !== "UNAUTHENTICATED") throw error;
        result = await checkPassword(projectId, call);
        if (result !== "refused") throw refusedProject(error);
        refusal = error;
        throw error;
      } finally {
        guard.leave(result, refusal);
      }
    },
    close: () => {
      closing.abort();
      iam.sockets.close();
    },
  };
}
