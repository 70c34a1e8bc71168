import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type FollowedTenancy, followTenancy } from "../../../src/app/tenancy.js";
import { createLogger } from "../../../src/observability/logger.js";
import { readSettings } from "../../../src/settings/settings.js";

const ENDPOINT = "https://modelarts.example";

let directory: string;
let followed: FollowedTenancy;
const replace = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tenancy-"));
  for (const name of ["ak", "sk", "cache"]) await replace(name, `first-${name}`);
  const reading = readSettings({
    MODELARTS_ENDPOINT: ENDPOINT,
    MODELARTS_AUTH: "aksk",
    ALLOW_ANONYMOUS: "on",
    HUAWEICLOUD_SDK_AK_FILE: join(directory, "ak"),
    HUAWEICLOUD_SDK_SK_FILE: join(directory, "sk"),
    CACHE_KEY_SECRET_FILE: join(directory, "cache"),
  });
  if (!reading.ok) throw new Error(reading.problems.join("\n"));
  followed = followTenancy(reading.settings, ENDPOINT, createLogger("fatal"));
});
afterEach(async () => {
  followed.stop();
  await rm(directory, { recursive: true });
});

test("the tenant changes before the first use of a replaced access key", async () => {
  const { tenancy, ownKeyOf } = followed;
  const { tenant } = tenancy;
  await replace("ak", "second-ak");
  expect(ownKeyOf().accessKey).toBe("second-ak");
  expect(tenancy.tenant).not.toBe(tenant);
  expect(ownKeyOf(tenancy.tenant).accessKey).toBe("second-ak");
});

test("calls for the tenant of a replaced key get that key, until the next replacement", async () => {
  const { tenancy, ownKeyOf } = followed;
  const { tenant } = tenancy;
  await replace("ak", "second-ak");
  await replace("sk", "second-sk");
  for (let time = 0; time < 2; time += 1) {
    expect(ownKeyOf(tenant)).toMatchObject({ accessKey: "first-ak", secretKey: "first-sk" });
  }
  await replace("ak", "third-ak");
  expect(() => ownKeyOf(tenant)).toThrow(expect.objectContaining({ code: "UPSTREAM_UNAVAILABLE" }));
});

test("calls for the tenant of a replaced cache secret get the latest secret of the same access key", async () => {
  const { tenancy, ownKeyOf } = followed;
  const { tenant } = tenancy;
  await replace("cache", "second-cache-secret");
  await replace("sk", "second-sk");
  expect(ownKeyOf(tenant)).toMatchObject({ accessKey: "first-ak", secretKey: "second-sk" });
  expect(tenancy.tenant).not.toBe(tenant);
});
