import { type IamLoginsOptions } from "./iam-logins.js";
import { createIamTokens, type KeptToken } from "./iam-tokens.js";
import { type SignIn, type Verdict, verdictOf } from "./sign-in.js";

/** By then a token that was refused before it was ever accepted may be replaced once more. */
const REPLACED_AGAIN_MS = 60_000;

/**
 * Shows ModelArts a token of an IAM user. One that is refused is replaced, and the call tried once more; where the
 * replacement is refused as well, it is not the token's age that is the matter, and IAM is not asked again for each
 * call.
 */
export function createTokenSignIn(options: IamLoginsOptions): SignIn {
  const { nowMs = Date.now } = options;
  const tokens = createIamTokens(options);

  const mayReplace = (token: KeptToken): boolean =>
    token.isAccepted || !token.isReplacement || nowMs() - token.obtainedAtMs >= REPLACED_AGAIN_MS;

  /** Whether another token may help where this one did not. */
  const judge = (projectId: string, token: KeptToken, verdict: Verdict): boolean => {
    if (verdict === "accepted") token.isAccepted = true;
    if (verdict !== "refused") return false;
    if (!tokens.isCurrent(projectId, token) || token.isOver) return true;
    token.isOver = mayReplace(token);
    return token.isOver;
  };

  return {
    async enter({ projectId }, call) {
      const token = await tokens.tokenOf(projectId, call);
      const proof = { headers: { "x-auth-token": token.text }, secret: token.text };
      return {
        proof: () => proof,
        end: (outcome) => judge(projectId, token, verdictOf(outcome)),
      };
    },
    close: tokens.close,
  };
}
