import { type EventsRequest } from "../client.js";
import { type IamLoginGuardOptions } from "./iam-login-guard.js";
import { createIamTokenCache, type KeptToken } from "./iam-token-cache.js";
import { type SignIn, type CredentialsResult, credentialsResultOf } from "./sign-in.js";

/** The shortest life of a replacement token before the gateway replaces it, in milliseconds. */
const REPLACED_AGAIN_MS = 60_000;

/**
 * Signs in with a token of an IAM user. If ModelArts rejects the token, the gateway replaces it and tries the call once
 * more. If ModelArts rejects the replacement too, the token's age is not the reason. Then the gateway does not request
 * another token for each call, even if other calls succeed with this one.
 */
export function createTokenSignIn(options: IamLoginGuardOptions): SignIn {
  const { nowMs = Date.now } = options;
  const tokens = createIamTokenCache(options);

  /** The rejected token of each request that is still running. */
  const rejected = new WeakMap<EventsRequest, KeptToken>();

  const mayReplace = ({ isReplacement, obtainedAtMs }: KeptToken): boolean =>
    !isReplacement || nowMs() - obtainedAtMs >= REPLACED_AGAIN_MS;

  /** Whether the call may be tried again with another token. Notes the rejected token. */
  const mayRetry = (request: EventsRequest, token: KeptToken, result: CredentialsResult): boolean => {
    if (result !== "refused") return false;
    const { projectId } = request;
    if (!tokens.isCurrent(projectId, token)) return true;
    if (!token.mustReplace && !mayReplace(token)) return false;
    rejected.set(request, token);
    token.mustReplace ||= tokens.mayAsk(projectId);
    return true;
  };

  return {
    async enter(request, call) {
      const { projectId } = request;
      const token = await tokens.tokenOf(projectId, call);
      // IAM issued no other token, so IAM's error is the reason why this request fails.
      if (rejected.get(request) === token) tokens.check(projectId);
      const authHeaders = { headers: { "x-auth-token": token.text }, secret: token.text };
      return {
        authHeaders: () => authHeaders,
        end: (outcome) => mayRetry(request, token, credentialsResultOf(outcome)),
      };
    },
    close: tokens.close,
  };
}
