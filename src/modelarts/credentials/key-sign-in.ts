import { GatewayError } from "../../errors.js";
import { publish } from "../channels.js";
import { createLockoutGuard } from "./lockout-guard.js";
import { type SignIn, verdictOf } from "./sign-in.js";
import { signedHeaders, type SigningKey } from "./signature.js";

/** ModelArts locks a key for five minutes after more than five refusals in a row; this stays well below. */
const REFUSALS_MAX = 3;
const PAUSE_MS = 300_000;

/** Signs each try with an access key. After a few refusals in a row the key is spared, so as not to be locked. */
export function createKeySignIn(
  key: SigningKey,
  { host }: Pick<URL, "host">,
  nowMs: () => number = Date.now,
): SignIn {
  const guard = createLockoutGuard({
    refusalsMax: REFUSALS_MAX,
    isFreeOnceAccepted: true,
    pauseMs: PAUSE_MS,
    onPause: (isPaused) => {
      publish("gateway:modelarts:credentials", { kind: "access key", isPaused });
    },
    nowMs,
  });
  return {
    async enter({ projectId }, call) {
      await guard.enter(call);
      return {
        proof: (path) => {
          guard.check();
          return {
            headers: signedHeaders({ host, path, projectId }, key, nowMs()),
            secret: key.accessKey,
          };
        },
        end: (outcome) => {
          const verdict = verdictOf(outcome);
          const refusal = outcome?.kind === "refused" ? outcome.error : null;
          guard.leave(verdict, refusal === null ? null : spared(refusal));
          return false;
        },
      };
    },
    close: () => undefined,
  };
}

function spared({ code, details }: GatewayError): GatewayError {
  const message = "ModelArts has refused the gateway's access key too often; it is not shown for a while.";
  return new GatewayError(code, message, details);
}
