import { type JwtCheck } from "../http/jwt/jwt-check.js";
import { type SignIn } from "../modelarts/credentials/sign-in.js";
import { faultName } from "../observability/fault-name.js";
import { type Logger } from "../observability/logger.js";
import { type Metrics } from "../observability/metrics.js";
import { type Settings } from "../settings/settings.js";

/** How the gateway signs in to ModelArts by itself; null where it has no credentials of its own. */
export async function createSignIn(
  settings: Settings,
  endpoint: string,
  nowMs: () => number,
): Promise<SignIn | null> {
  switch (settings.MODELARTS_AUTH) {
    case "aksk": {
      const { createKeySignIn } = await import("../modelarts/credentials/key-sign-in.js");
      const accessKey = needed(settings.HUAWEICLOUD_SDK_AK);
      const secretKey = needed(settings.HUAWEICLOUD_SDK_SK);
      return createKeySignIn({ accessKey, secretKey }, new URL(endpoint), nowMs);
    }
    case "iam": {
      const { createTokenSignIn } = await import("../modelarts/credentials/token-sign-in.js");
      return createTokenSignIn({
        endpoint: needed(settings.IAM_ENDPOINT),
        user: {
          domain: needed(settings.IAM_DOMAIN),
          name: needed(settings.IAM_USER),
          password: needed(settings.IAM_PASSWORD),
        },
        tryTimeoutMs: settings.UPSTREAM_TIMEOUT_MS,
        retries: settings.UPSTREAM_RETRIES,
        nowMs,
      });
    }
    default:
      return null;
  }
}

/** What looks at the JWTs of those who may use the gateway's own credentials; null where everybody may ask. */
export async function createJwt(
  settings: Settings,
  metrics: Metrics,
  logger: Logger,
  nowMs: () => number,
): Promise<JwtCheck | null> {
  const { MODELARTS_AUTH: auth, JWT_JWKS_URL: url } = settings;
  if ((auth !== "iam" && auth !== "aksk") || url === null) return null;
  const { createJwtCheck } = await import("../http/jwt/jwt-check.js");
  const onFault = (error: unknown): void => {
    logger.warn({ fault: faultName(error) }, "The keys of JWTs cannot be had");
  };
  return createJwtCheck({
    url,
    issuer: settings.JWT_ISSUER,
    audience: settings.JWT_AUDIENCE,
    anonymous: settings.ALLOW_ANONYMOUS,
    onRefusal: (reason) => {
      metrics.countJwtRefusal(reason);
    },
    onFault,
    nowMs,
  });
}

/**
 * What tells one upstream from another, with who asks it where that is the gateway itself: gateways that share a Redis
 * share pages only where all of it is the same. Callers' JWTs are no part of it, as all who may ask see the same.
 */
export function upstreamOf(settings: Settings, endpoint: string): string {
  const { MODELARTS_AUTH: auth } = settings;
  const own =
    auth === "aksk"
      ? [settings.HUAWEICLOUD_SDK_AK]
      : auth === "iam"
        ? [settings.IAM_ENDPOINT, settings.IAM_DOMAIN, settings.IAM_USER]
        : [];
  return own.length === 0 ? `${auth} ${endpoint}` : JSON.stringify([auth, endpoint, ...own]);
}

/** `readSettings` has seen to it that a mode has what it needs. */
function needed(value: string | null): string {
  if (value === null) throw new Error("A setting is missing that MODELARTS_AUTH needs.");
  return value;
}
