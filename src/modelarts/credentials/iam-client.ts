import { GatewayError } from "../../errors.js";
import { AUTH_TOKEN_MAX, isAuthToken } from "./auth-token.js";
import { type CallLimit } from "../calls/call-limit.js";
import { refusedTry, requestIdOf, type Shown, unansweredTry } from "../calls/try-failures.js";
import { type Redact } from "../redact.js";
import { type Answer, type Sockets } from "../calls/sockets.js";
import { type FailedTry } from "../calls/try-outcome.js";
import { type UpstreamErrorCode } from "../upstream-error.js";

/** An IAM user. */
export type IamUser = { readonly domain: string; readonly name: string; readonly password: string };

/** A token and when it ends, in milliseconds since the epoch. */
export type IamToken = { readonly text: string; readonly expiresAtMs: number };

/** What a token is to be good for: one project, or the user's account as a whole. */
export type Scope =
  { readonly project: { readonly id: string } } | { readonly domain: { readonly name: string } };

/** How one try to get a token ended. */
export type LoginOutcome = { readonly kind: "answered"; readonly token: IamToken } | FailedTry;

/** Where tokens are asked for, and by whom. */
export type Iam = {
  readonly sockets: Sockets;
  /** The endpoint's own path, without a slash at its end. */
  readonly basePath: string;
  readonly redact: Redact;
  readonly user: IamUser;
};

const FORBIDDEN = "IAM gives the gateway no token for this project.";

/** Without a sentence of its own a code has that of `UPSTREAM_BAD_REQUEST`. */
const MESSAGES: Partial<Record<UpstreamErrorCode, string>> = {
  UNAUTHENTICATED: "IAM does not accept the gateway's own credentials.",
  FORBIDDEN,
  RATE_LIMITED: "IAM throttles the gateway's requests for tokens.",
  UPSTREAM_TIMEOUT: "IAM gave no token in time.",
  UPSTREAM_UNAVAILABLE: "IAM cannot be reached, or fails.",
  UPSTREAM_INVALID_RESPONSE: "IAM gave an answer of another shape than documented.",
  UPSTREAM_BAD_REQUEST: "IAM refuses the gateway's request for a token.",
};

/**
 * Asks IAM once for a token: by password, as its API reference has it (`POST /v3/auth/tokens`). The token
 * comes in a header, its end in the body. Never throws. Nothing that IAM says but its code is repeated, since it may
 * name the user or the account.
 */
export async function logIn(
  iam: Iam,
  scope: Scope,
  requestId: string,
  limit: CallLimit,
): Promise<LoginOutcome> {
  const body = JSON.stringify(loginBody(iam.user, scope));
  const headers = {
    accept: "application/json",
    "x-request-id": requestId,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  };
  try {
    const path = `${iam.basePath}/v3/auth/tokens`;
    const answer = await iam.sockets.send({ method: "POST", path, headers, body }, limit);
    const shown: Shown = (text, maxLength) =>
      text === null ? null : iam.redact(text, iam.user.password, maxLength);
    return answer.status === 201 || answer.status === 200
      ? readToken(answer, shown)
      : inItsWords(refusedTry(answer, shown));
  } catch (error) {
    return inItsWords(unansweredTry(error, limit));
  }
}

/** What a 401 means that is about the project, not about the password. */
export function refusedProject({ details, cause }: GatewayError): GatewayError {
  return new GatewayError("FORBIDDEN", FORBIDDEN, details, { cause });
}

function loginBody({ domain, name, password }: IamUser, scope: Scope): unknown {
  return {
    auth: {
      identity: { methods: ["password"], password: { user: { name, password, domain: { name: domain } } } },
      scope,
    },
  };
}

function readToken(answer: Answer, shown: Shown): LoginOutcome {
  const text = answer.headers["x-subject-token"];
  const expiresAtMs = expiryOf(answer.body ?? "");
  if (typeof text === "string" && text.length <= AUTH_TOKEN_MAX && isAuthToken(text) && expiresAtMs > 0) {
    return { kind: "answered", token: { text, expiresAtMs } };
  }
  const modelArts = {
    errorCode: null,
    errorMsg: null,
    httpStatus: answer.status,
    requestId: requestIdOf(answer, shown),
  };
  const error = new GatewayError("UPSTREAM_INVALID_RESPONSE", "", { modelArts });
  const fault = expiresAtMs > 0 ? "X-Subject-Token holds no token" : "token.expires_at is unreadable";
  return inItsWords({ kind: "failed", error, retry: false, fault, reason: "invalid_answer" });
}

/** `token.expires_at` of the body; NaN where it cannot be read. */
function expiryOf(body: string): number {
  try {
    const { token } = JSON.parse(body) as { token?: { expires_at?: unknown } };
    return typeof token?.expires_at === "string" ? Date.parse(token.expires_at) : NaN;
  } catch {
    return NaN;
  }
}

/** The same try, told of IAM. A missing project is one that the gateway has no rights in. */
function inItsWords(failed: FailedTry): FailedTry {
  const { code: said, details, cause } = failed.error;
  const { modelArts } = details;
  const code = said === "UPSTREAM_BAD_REQUEST" && modelArts?.httpStatus === 404 ? "FORBIDDEN" : said;
  const sentence = (MESSAGES as Partial<Record<string, string>>)[code] ?? failed.error.message;
  const silent =
    modelArts === undefined ? details : { ...details, modelArts: { ...modelArts, errorMsg: null } };
  return { ...failed, error: new GatewayError(code, sentence, silent, { cause }) };
}
