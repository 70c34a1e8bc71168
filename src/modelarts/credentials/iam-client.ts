import { GatewayError } from "../../errors.js";
import { AUTH_TOKEN_MAX, isAuthToken } from "./auth-token.js";
import { type CallLimit } from "../calls/call-limit.js";
import { refusedTry, requestIdOf, type Shown, unansweredTry } from "../calls/try-failures.js";
import { type Redact } from "../redact.js";
import { type Answer, type Sockets } from "../calls/sockets.js";
import { type FailedTry } from "../calls/try-outcome.js";
import { type UpstreamErrorCode } from "../upstream-error.js";

/** An IAM user. */
export type IamUser = {
  readonly domain: string;
  readonly name: string;
  /** Called for each login, because the file of the password can be replaced. */
  readonly readPassword: () => string;
};

/** A token and the time when it expires, in milliseconds since the epoch. */
export type IamToken = { readonly text: string; readonly expiresAtMs: number };

/** The scope of a token: one project, or the user's whole account. */
export type Scope =
  { readonly project: { readonly id: string } } | { readonly domain: { readonly name: string } };

/** How one try to get a token ended. */
export type LoginOutcome = { readonly kind: "answered"; readonly token: IamToken } | FailedTry;

/** IAM's endpoint, and the user that signs in. */
export type Iam = {
  readonly sockets: Sockets;
  /** The endpoint's own path, without a slash at its end. */
  readonly basePath: string;
  readonly redact: Redact;
  readonly user: IamUser;
};

const FORBIDDEN = "IAM does not issue a token for this project to the gateway.";

const MESSAGES: Partial<Record<UpstreamErrorCode, string>> = {
  UNAUTHENTICATED: "IAM does not accept the gateway's own credentials.",
  FORBIDDEN,
  RATE_LIMITED: "IAM limits the rate of the gateway's token requests.",
  UPSTREAM_TIMEOUT: "IAM did not issue a token in time.",
  UPSTREAM_UNAVAILABLE: "IAM cannot be reached, or answered with a server error.",
  UPSTREAM_INVALID_RESPONSE: "The answer of IAM does not have the documented form.",
  UPSTREAM_BAD_REQUEST: "IAM rejected the gateway's token request.",
};

/**
 * Requests a token from IAM once, by password (`POST /v3/auth/tokens` of IAM's API reference). The answer has the token
 * in a header and its expiry in the body. Never throws. Errors repeat only IAM's error code, because IAM's text may
 * name the user or the account.
 */
export async function logIn(
  iam: Iam,
  scope: Scope,
  requestId: string,
  limit: CallLimit,
): Promise<LoginOutcome> {
  const password = iam.user.readPassword();
  const body = JSON.stringify(loginBody(iam.user, password, scope));
  const headers = {
    accept: "application/json",
    "x-request-id": requestId,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  };
  try {
    const path = `${iam.basePath}/v3/auth/tokens`;
    const answer = await iam.sockets.send({ method: "POST", path, headers, body }, limit);
    const shown: Shown = (text, maxLength) => (text === null ? null : iam.redact(text, password, maxLength));
    return answer.status === 201 || answer.status === 200
      ? readToken(answer, shown)
      : describeAsIam(refusedTry(answer, shown));
  } catch (error) {
    return describeAsIam(unansweredTry(error, limit));
  }
}

/** The error of a 401 that concerns the project, not the password. */
export function refusedProject({ details, cause }: GatewayError): GatewayError {
  return new GatewayError("FORBIDDEN", FORBIDDEN, details, { cause });
}

function loginBody({ domain, name }: IamUser, password: string, scope: Scope): unknown {
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
  return describeAsIam({ kind: "failed", error, retry: false, fault, reason: "invalid_answer" });
}

/** Reads `token.expires_at` of the body; NaN if it is missing or malformed. */
function expiryOf(body: string): number {
  try {
    const { token } = JSON.parse(body) as { token?: { expires_at?: unknown } };
    return typeof token?.expires_at === "string" ? Date.parse(token.expires_at) : NaN;
  } catch {
    return NaN;
  }
}

/** Replaces the messages about ModelArts by those about IAM. A 404 becomes FORBIDDEN: the user cannot see the project. */
function describeAsIam(failed: FailedTry): FailedTry {
  const { code: original, details, cause } = failed.error;
  const { modelArts } = details;
  const code = original === "UPSTREAM_BAD_REQUEST" && modelArts?.httpStatus === 404 ? "FORBIDDEN" : original;
  const sentence = (MESSAGES as Partial<Record<string, string>>)[code] ?? failed.error.message;
  const withoutText =
    modelArts === undefined ? details : { ...details, modelArts: { ...modelArts, errorMsg: null } };
  return { ...failed, error: new GatewayError(code, sentence, withoutText, { cause }) };
}
