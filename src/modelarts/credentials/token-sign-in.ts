import { type EventsRequest } from "../client.js";
import { type IamLoginGuardOptions } from "./iam-login-guard.js";
import { createIamTokenCache, type KeptToken } from "./iam-token-cache.js";
import { type SignIn, type Verdict, verdictOf } from "./sign-in.js";

/** By then a token that replaced another may be replaced in its turn. */
const REPLACED_AGAIN_MS = 60_000;

/**
 * Shows ModelArts a token of an IAM user. One that is refused is replaced, and the call tried once more; where the
 * replacement is refused as well, it is not the token's age that is the matter, and IAM is not asked again for each
 * call, even where others are answered well meanwhile.
 */
export function createTokenSignIn(options: IamLoginGuardOptions): SignIn {
  const { nowMs = Date.now } = options;
  const tokens = createIamTokenCache(options);

  /** What a request was refused with, for as long as it is being made. */
  const refused = new WeakMap<EventsRequest, KeptToken>();

  const mayReplace = ({ isReplacement, obtainedAtMs }: KeptToken): boolean =>
    !isReplacement || nowMs() - obtainedAtMs >= REPLACED_AGAIN_MS;

  /** Whether another token may help where this one did not. */
  const judge = (request: EventsRequest, token: KeptToken, verdict: Verdict): boolean => {
    if (verdict !== "refused") return false;
    const { projectId } = request;
    if (!tokens.isCurrent(projectId, token)) return true;
    if (!token.isOver && !mayReplace(token)) return false;
    refused.set(request, token);
    token.isOver ||= tokens.mayAsk(projectId);
    return true;
  };

  return {
    async enter(request, call) {
      const { projectId } = request;
      const token = await tokens.tokenOf(projectId, call);
      // There is no other: IAM's failure is what keeps this request from its answer, and may pass.
      if (refused.get(request) === token) tokens.check(projectId);
      const proof = { headers: { "x-auth-token": token.text }, secret: token.text };
      return {
        proof: () => proof,
        end: (outcome) => judge(request, token, verdictOf(outcome)),
      };
    },
    close: tokens.close,
  };
}
