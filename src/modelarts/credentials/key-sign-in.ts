import { GatewayError } from "../../errors.js";
import { publish } from "../channels.js";
import { type KeySource } from "./agency-keys.js";
import { createLockoutGuard, type LockoutGuard } from "./lockout-guard.js";
import { type SignIn, credentialsResultOf } from "./sign-in.js";
import { signedHeaders, type SigningKey } from "./signature.js";

/** ModelArts locks a key for five minutes after more than five refusals in a row; the gateway stops earlier. */
const REFUSALS_MAX = 3;
const PAUSE_MS = 300_000;

/**
 * The key of the settings.
 * @param keyOf is called for each try, with the tenant of the call, because files of secrets can be replaced
 */
export function configuredKey(keyOf: (tenant?: string) => SigningKey): KeySource {
  return { keyFor: ({ tenant }) => Promise.resolve().then(() => keyOf(tenant)), close: () => undefined };
}

/** A key, and the guard that counts its refusals. */
type Signer = { readonly key: SigningKey; readonly guard: LockoutGuard };

/**
 * Signs each try with an access key. After three refusals in a row, the gateway does not use the key for a while. A new
 * key is used at once, also while calls that began earlier still use the one before it.
 */
export function createKeySignIn(
  keys: KeySource,
  { host }: Pick<URL, "host">,
  nowMs: () => number = Date.now,
): SignIn {
  let current: Signer | null = null;
  let former: Signer | null = null;
  const createSigner = (key: SigningKey): Signer => {
    const guard = createLockoutGuard({
      refusalsMax: REFUSALS_MAX,
      isFreeOnceAccepted: true,
      pauseMs: PAUSE_MS,
      onPause: (isPaused) => {
        if (current?.guard === guard)
          publish("gateway:modelarts:credentials", { kind: "access key", isPaused });
      },
      nowMs,
    });
    return { key, guard };
  };
  const guardOf = (key: SigningKey): LockoutGuard => {
    const known = [current, former].find((signer) => signer !== null && isSameKey(signer.key, key));
    if (known) return known.guard;
    // This ends a pause.
    current?.guard.reset();
    former = current;
    current = createSigner(key);
    return current.guard;
  };
  return {
    async enter({ projectId }, call) {
      const key = await keys.keyFor(call);
      const guard = guardOf(key);
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
          const result = credentialsResultOf(outcome);
          const refusal = outcome?.kind === "refused" ? outcome.error : null;
          guard.leave(result, refusal === null ? null : pausedKeyError(refusal));
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
