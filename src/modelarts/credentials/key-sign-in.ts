import { GatewayError } from "../../errors.js";
import { publish } from "../channels.js";
import { type KeySource } from "./agency-keys.js";
import { createLockoutGuard } from "./lockout-guard.js";
import { type SignIn, verdictOf } from "./sign-in.js";
import { signedHeaders, type SigningKey } from "./signature.js";

/** ModelArts locks a key for five minutes after more than five refusals in a row; the gateway stops earlier. */
const REFUSALS_MAX = 3;
const PAUSE_MS = 300_000;

/** The key of the settings. @param read is called for each try, because files of secrets can be replaced */
export function configuredKey(read: () => SigningKey): KeySource {
  return { keyFor: () => Promise.resolve().then(read), close: () => undefined };
}

/**
 * Signs each try with an access key. After three refusals in a row, the gateway does not use the key for a while. A new
 * key is used at once.
 */
export function createKeySignIn(
  keys: KeySource,
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
  let known: SigningKey | null = null;
  const noteKey = (key: SigningKey): void => {
    if (known !== null && !isSameKey(known, key)) guard.reset();
    known = key;
  };
  return {
    async enter({ projectId }, call) {
      const key = await keys.keyFor(call);
      noteKey(key);
      await guard.enter(call);
      return {
        authHeaders: (path) => {
          guard.check();
          return {
            headers: signedHeaders({ host, path, projectId }, key, nowMs()),
            secret: key.accessKey,
          };
        },
        end: (outcome) => {
          const verdict = verdictOf(outcome);
          const refusal = outcome?.kind === "refused" ? outcome.error : null;
          guard.leave(verdict, refusal === null ? null : pausedKeyError(refusal));
          return false;
        },
      };
    },
    close: keys.close,
  };
}

function isSameKey(one: SigningKey, other: SigningKey): boolean {
  return (
    one.accessKey === other.accessKey &&
    one.secretKey === other.secretKey &&
    one.securityToken === other.securityToken
  );
}

function pausedKeyError({ code, details }: GatewayError): GatewayError {
  const message =
    "ModelArts refused the gateway's access key too often. The gateway does not use it for a while.";
  return new GatewayError(code, message, details);
}
