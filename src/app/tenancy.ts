import { randomBytes } from "node:crypto";
import { createTenancy, type Identity, type Tenancy } from "../cache/keys.js";
import { type Logger } from "../observability/logger.js";
import { type Settings } from "../settings/settings.js";
import { upstreamOf } from "./credentials.js";
import { secretReader } from "./secrets.js";

/** How often the files of the secrets in keys are read, in milliseconds. A key is made too often to read a file for it. */
const READ_MS = 1_000;

/**
 * Makes the tenancy of the settings. It follows the files of CACHE_KEY_SECRET, of REDIS_URL, from which the secret is
 * derived without CACHE_KEY_SECRET, and of HUAWEICLOUD_SDK_AK, which is part of the tenant.
 * @returns the tenancy, and a function that stops the reading of files
 */
export function followTenancy(
  settings: Settings,
  endpoint: string,
  logger: Logger,
): { readonly tenancy: Tenancy; readonly stop: () => void } {
  const keySecret = secretReader(settings, "CACHE_KEY_SECRET");
  const redisUrls = secretReader(settings, "REDIS_URL");
  const accessKey = secretReader(settings, "HUAWEICLOUD_SDK_AK");
  const ownSecret = randomBytes(32).toString("hex");
  const read = (): Identity => ({
    secret: keySecret() ?? redisUrls()?.join() ?? ownSecret,
    upstream: upstreamOf({ ...settings, HUAWEICLOUD_SDK_AK: accessKey() }, endpoint),
  });
  let known = read();
  const tenancy = createTenancy(known);
  const timer = setInterval(() => {
    const latest = read();
    if (latest.secret === known.secret && latest.upstream === known.upstream) return;
    known = latest;
    tenancy.change(latest);
    logger.info("A secret in cache keys was replaced; stored pages are read again under new keys");
  }, READ_MS).unref();
  const stop = (): void => {
    clearInterval(timer);
  };
  return { tenancy, stop };
}
