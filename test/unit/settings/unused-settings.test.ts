import { expect, test } from "@jest/globals";
import { unusedSettings } from "../../../src/settings/unused-settings.js";

const names = (env: Record<string, string>, auth = "passthrough"): string[] =>
  unusedSettings(env, auth).map(({ name, reason }) => `${name} ${reason}`);

test.each([
  ["MODELARTS_ENDPIONT", "is not a setting; did you mean MODELARTS_ENDPOINT?"],
  ["CACHE_STALE_TTL", null],
  ["UPSTREAM_TIMEOUTMS", "is not a setting; did you mean UPSTREAM_TIMEOUT_MS?"],
  ["request_timeout_ms", "is not a setting; did you mean REQUEST_TIMEOUT_MS?"],
  ["CACHE_HEAD_TTL", "is not a setting; did you mean CACHE_HEAD_TTL_MS?"],
  ["UPSTREAM_TIMEOUT_SECONDS", "is not a setting; did you mean UPSTREAM_TIMEOUT_MS?"],
  ["REDIS_URI", "is not a setting; did you mean REDIS_URL?"],
  ["METRIC_PORT", "is not a setting; did you mean METRICS_PORT?"],
  ["IAM_PASSWORD_FIL", "is not a setting; did you mean IAM_PASSWORD_FILE?"],
  ["CACHE_KEY_SECRET_FIEL", "is not a setting; did you mean CACHE_KEY_SECRET_FILE?"],
  ["REDIS_URI_FILE", "is not a setting; did you mean REDIS_URL_FILE?"],
  ["MODELARTS_REGION", "is not a setting"],
])("%s: %s", (name, reason) => {
  const expected = reason === null ? [] : [`${name} ${reason}`];
  expect(names({ [name]: "x" })).toEqual(expected);
});

test("settings of another mode are named, with their files", () => {
  expect(names({ IAM_PASSWORD: "x", HUAWEICLOUD_SDK_SK: "y", JWT_ISSUER: "z" }, "aksk")).toEqual([
    "IAM_PASSWORD is not read with MODELARTS_AUTH=aksk",
  ]);
  expect(names({ LOG_LEVEL_FILE: "level", REDIS_URL_FILE: "url" })).toEqual([
    "LOG_LEVEL_FILE is not a setting; only secrets are read from files",
  ]);
  expect(names({ JWT_ISSUER: "z", IAM_PASSWORD_FILE: "/run/secrets/iam" })).toEqual([
    "JWT_ISSUER is not read with MODELARTS_AUTH=passthrough",
    "IAM_PASSWORD_FILE is not read with MODELARTS_AUTH=passthrough",
  ]);
});

test("variables of other programs, empty ones and those of Kubernetes are ignored", () => {
  expect(
    names({
      PATH: "/bin",
      HOSTNAME: "pod",
      NODE_ENV: "production",
      MODELARTS_ENDPIONT: " ",
      MODELARTS_GATEWAY_SERVICE_HOST: "10.0.0.1",
      MODELARTS_GATEWAY_PORT_4000_TCP: "tcp://10.0.0.1:4000",
      REDIS_PORT: "tcp://10.0.0.2:6379",
      MODELARTS_ENDPOINT: "https://modelarts.example",
    }),
  ).toEqual([]);
});
