import { type JwtCheck } from "../http/jwt/jwt-check.js";
import { type SigningKey } from "../modelarts/credentials/signature.js";
import { type SignIn } from "../modelarts/credentials/sign-in.js";
import { faultName } from "../observability/fault-name.js";
import { type Logger } from "../observability/logger.js";
import { type Metrics } from "../observability/metrics/metrics.js";
import { secretReader } from "./secrets.js";
import { type Settings } from "../settings/settings.js";

/** Makes a function that returns the access key of the settings; null without `aksk`. Files are read at each call. */
export function readerOfOwnKey(settings: Settings, logger: Logger): (() => SigningKey) | null {
  if (settings.MODELARTS_AUTH !== "aksk") return null;
  const accessKey = secretReader(settings, "HUAWEICLOUD_SDK_AK", logger);
  const secretKey = secretReader(settings, "HUAWEICLOUD_SDK_SK", logger);
  const securityToken = secretReader(settings, "HUAWEICLOUD_SDK_SECURITY_TOKEN", logger);
  return () => ({
    accessKey: needed(accessKey()),
    secretKey: needed(secretKey()),
    securityToken: securityToken(),
  });
}

/** Makes the sign-in with the gateway's own credentials; null if it has none. */
export async function createSignIn(
  settings: Settings,
  endpoint: string,
  {
    nowMs,
    ownKeyOf,
    logger,
  }: {
    readonly nowMs: () => number;
    /** Returns the access key of the settings for calls whose answers are stored for a tenant. */
    readonly ownKeyOf: (tenant?: string) => SigningKey;
    readonly logger: Logger;
  },
): Promise<SignIn | null> {
  switch (settings.MODELARTS_AUTH) {
    case "aksk": {
      const { createKeySignIn, configuredKey } = await import("../modelarts/credentials/key-sign-in.js");
      return createKeySignIn(configuredKey(ownKeyOf), new URL(endpoint), nowMs);
    }
    case "agency": {
      const { createKeySignIn } = await import("../modelarts/credentials/key-sign-in.js");
      const { createAgencyKeys } = await import("../modelarts/credentials/agency-keys.js");
      const keys = createAgencyKeys(new URL(settings.HUAWEICLOUD_METADATA_ENDPOINT), nowMs);
      return createKeySignIn(keys, new URL(endpoint), nowMs);
    }
    case "iam": {
      const { createTokenSignIn } = await import("../modelarts/credentials/token-sign-in.js");
      const password = secretReader(settings, "IAM_PASSWORD", logger);
      return createTokenSignIn({
        endpoint: needed(settings.IAM_ENDPOINT),
        user: {
          domain: needed(settings.IAM_DOMAIN),
          name: needed(settings.IAM_USER),
          readPassword: () => needed(password()),
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

/** Makes the check of callers' JWTs, for gateways with their own credentials; null if callers need no JWT. */
export async function createJwt(
  settings: Settings,
  parts: {
    readonly metrics: Metrics;
    readonly logger: Logger;
    readonly nowMs: () => number;
    /** Hashes what identifies a caller; the same in all processes that share a cache. */
    readonly hash: (text: string) => string;
  },
): Promise<JwtCheck | null> {
  const { metrics, logger, nowMs, hash } = parts;
  const { MODELARTS_AUTH: auth, JWT_JWKS_URL: url } = settings;
  if (auth === "passthrough" || auth === "none" || url === null) return null;
  const { createJwtCheck } = await import("../http/jwt/jwt-check.js");
  const onFault = (error: unknown): void => {
    logger.warn({ fault: faultName(error) }, "The key set of JWTs cannot be fetched");
  };
  return createJwtCheck({
    url,
    issuers: settings.JWT_ISSUER,
    audiences: settings.JWT_AUDIENCE,
    projectsClaim: settings.JWT_PROJECTS_CLAIM,
    anonymous: settings.ALLOW_ANONYMOUS,
    onRefusal: (reason) => {
      metrics.countJwtRefusal(reason);
    },
    onFault,
    hash,
    nowMs,
  });
}

/** The header in which callers must send their credentials; null if they need none. */
export function credentialsHeaderOf(settings: Settings): string | null {
  const { MODELARTS_AUTH: auth, JWT_JWKS_URL: url, ALLOW_ANONYMOUS: anonymous } = settings;
  if (auth === "passthrough") return "x-auth-token";
  return auth === "none" || url === null || anonymous ? null : "authorization";
}

/**
 * Identifies the upstream and the gateway's own identity there. Gateways that share a Redis share pages only if these
 * are equal. Callers' JWTs are not part of it, because a page is the same for all callers who may read its project.
 * @param ownKey the access key of `aksk`
 */
export function upstreamOf(settings: Settings, endpoint: string, ownKey: SigningKey | null): string {
  const { MODELARTS_AUTH: auth } = settings;
  const own =
    ownKey !== null
      ? [ownKey.accessKey]
      : auth === "iam"
        ? [settings.IAM_ENDPOINT, settings.IAM_DOMAIN, settings.IAM_USER]
        : [];
  return own.length === 0 ? `${auth} ${endpoint}` : JSON.stringify([auth, endpoint, ...own]);
}

/** Returns a setting of the chosen mode; `readSettings` has checked that it is set. */
function needed(value: string | null): string {
  if (value === null) throw new Error("A setting is missing that MODELARTS_AUTH needs.");
  return value;
}
