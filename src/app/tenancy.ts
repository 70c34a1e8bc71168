import { randomBytes } from "node:crypto";
import { createTenancy, type Identity, type Tenancy } from "../cache/keys.js";
import { GatewayError } from "../errors.js";
import { type SigningKey } from "../modelarts/credentials/signature.js";
import { type Logger } from "../observability/logger.js";
import { type Settings } from "../settings/settings.js";
import { readerOfOwnKey, upstreamOf } from "./credentials.js";
import { secretReader } from "./secrets.js";

/** How often the files of the secrets in keys are read, in milliseconds. A key is made too often to read a file for it. */
const READ_MS = 1_000;

/** The tenancy of the settings, and the access key of each tenant. */
export type FollowedTenancy = {
  readonly tenancy: Tenancy;
  /**
   * The gateway's access key for calls whose answers are stored for a tenant. After a change of the access key, calls
   * that began before it still get the old key, so that no page of one key is stored for the tenant of another.
   * @param tenant absent for answers that are not stored
   * @throws GatewayError UPSTREAM_UNAVAILABLE if the key has been replaced twice since the call began
   */
  readonly ownKeyOf: (tenant?: string) => SigningKey;
  /** Returns the current value of REDIS_URL. */
  readonly readRedisUrls: () => Settings["REDIS_URL"];
  /** Stops the reading of files. */
  readonly stop: () => void;
};

/**
 * Makes the tenancy of the settings. It follows the files of CACHE_KEY_SECRET, of REDIS_URL, from which the secret is
 * derived without CACHE_KEY_SECRET, and of the access key, which is part of the tenant.
 */
export function followTenancy(settings: Settings, endpoint: string, logger: Logger): FollowedTenancy {
  const keySecret = secretReader(settings, "CACHE_KEY_SECRET", logger);
  const readRedisUrls = secretReader(settings, "REDIS_URL", logger);
  const ownKey = readerOfOwnKey(settings, logger);
  const ownSecret = randomBytes(32).toString("hex");
  const read = (): { readonly identity: Identity; readonly key: SigningKey | null } => {
    const key = ownKey?.() ?? null;
    const secret = keySecret() ?? readRedisUrls()?.join() ?? ownSecret;
    return { identity: { secret, upstream: upstreamOf(settings, endpoint, key) }, key };
  };
  let known = read();
  const tenancy = createTenancy(known.identity);
  let former: { readonly tenant: string; readonly key: SigningKey | null } | null = null;
  const update = (): void => {
    const { identity, key } = known;
    known = read();
    const { secret, upstream } = known.identity;
    if (secret === identity.secret && upstream === identity.upstream) return;
    former = { tenant: tenancy.tenant, key };
    tenancy.change(known.identity);
    logger.info("A secret in cache keys was replaced; stored pages are read again under new keys");
  };
  const timer = setInterval(update, READ_MS).unref();
  return {
    tenancy,
    readRedisUrls,
    ownKeyOf: (tenant) => {
      update();
      const { key } = known;
      if (key === null) throw new Error("The settings have no access key.");
      if (tenant === undefined || tenant === tenancy.tenant) return key;
      if (former?.tenant !== tenant || former.key === null) {
        throw new GatewayError(
          "UPSTREAM_UNAVAILABLE",
          "The gateway's access key was replaced during the call.",
        );
      }
      return former.key.accessKey === key.accessKey ? key : former.key;
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}
