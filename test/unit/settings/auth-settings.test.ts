import { describe, expect, test } from "@jest/globals";
import { readSettings } from "../../../src/settings/settings.js";

const IAM = {
  MODELARTS_AUTH: "iam",
  IAM_ENDPOINT: "https://iam.cn-north-4.myhuaweicloud.com",
  IAM_DOMAIN: "account",
  IAM_USER: "reader",
  IAM_PASSWORD: "hunter2",
};
const AKSK = { MODELARTS_AUTH: "aksk", HUAWEICLOUD_SDK_AK: "AK", HUAWEICLOUD_SDK_SK: "hunter2" };
const JWT = { JWT_JWKS_URL: "https://id.example/keys" };

function problemsOf(env: Record<string, string>): string[] {
  const reading = readSettings(env);
  return reading.ok ? [] : reading.problems;
}

test.each([
  { ...IAM, ...JWT },
  { ...AKSK, ...JWT, JWT_ISSUER: "https://id.example", JWT_AUDIENCE: "gateway" },
  { ...IAM, ALLOW_ANONYMOUS: "true" },
  { MODELARTS_AUTH: "agency", ...JWT, JWT_PROJECTS_CLAIM: "modelarts.projects" },
  {
    ...AKSK,
    HUAWEICLOUD_SDK_SECURITY_TOKEN: "hunter3",
    ...JWT,
    JWT_ISSUER: "https://a.example, https://b.example",
  },
  { ...AKSK, JWT_JWKS_URL: "http://keycloak.identity.svc/keys", JWT_JWKS_ALLOW_HTTP: "on" },
  { ...AKSK, ...JWT, ALLOW_ANONYMOUS: "on" },
  { ...IAM, IAM_ENDPOINT: "http://127.0.0.1:4010", JWT_JWKS_URL: "http://localhost:1/keys" },
])("%j starts", (env) => {
  expect(readSettings(env)).toMatchObject({ ok: true, settings: { MODELARTS_AUTH: env.MODELARTS_AUTH } });
});

describe("what a mode needs", () => {
  test("has a line for each variable that is missing", () => {
    expect(problemsOf({ MODELARTS_AUTH: "iam", IAM_USER: " ", ...JWT })).toEqual([
      "IAM_ENDPOINT: is not set, and MODELARTS_AUTH=iam needs it; allowed: an http or https URL without user, password, query or fragment",
      "IAM_DOMAIN: is not set, and MODELARTS_AUTH=iam needs it; allowed: 1 to 256 characters",
      "IAM_USER: is not set, and MODELARTS_AUTH=iam needs it; allowed: 1 to 256 characters",
      "IAM_PASSWORD: is not set, and MODELARTS_AUTH=iam needs it; allowed: text without line breaks and other control characters",
    ]);
    expect(problemsOf({ ...AKSK, ...JWT, HUAWEICLOUD_SDK_SK: "" })).toEqual([
      "HUAWEICLOUD_SDK_SK: is not set, and MODELARTS_AUTH=aksk needs it; allowed: text without line breaks and other control characters",
    ]);
  });

  test("has one line for an invalid variable", () => {
    expect(problemsOf({ ...IAM, ...JWT, IAM_ENDPOINT: "iam" })).toEqual([
      expect.stringMatching(/^IAM_ENDPOINT: the value is not a URL; /),
    ]);
    expect(problemsOf({ ...IAM, JWT_JWKS_URL: "keys", JWT_ISSUER: "a b" })).toHaveLength(2);
    expect(problemsOf({ ...IAM, ALLOW_ANONYMOUS: "perhaps" })).toHaveLength(1);
  });

  test("is not checked in another mode", () => {
    for (const MODELARTS_AUTH of ["none", "passthrough"]) {
      const env = { MODELARTS_AUTH, JWT_ISSUER: "https://id.example", IAM_ENDPOINT: "http://iam.example" };
      expect(problemsOf(env)).toEqual([]);
    }
    expect(problemsOf({ ...AKSK, ...JWT, IAM_ENDPOINT: "http://iam.example" })).toEqual([]);
  });
});

describe("who may ask", () => {
  test.each([IAM, AKSK])("must be configured: %j", (env) => {
    expect(problemsOf(env)).toEqual([
      `JWT_JWKS_URL: is not set, so MODELARTS_AUTH=${env.MODELARTS_AUTH} would accept every caller; allowed: an http or https URL without user, password or fragment, or ALLOW_ANONYMOUS=true`,
    ]);
  });

  test("is not configured by an issuer or an audience without keys", () => {
    const env = { ...IAM, ALLOW_ANONYMOUS: "true", JWT_ISSUER: "https://id.example", JWT_AUDIENCE: "a" };
    expect(problemsOf(env)).toEqual([
      "JWT_ISSUER: has no effect without JWT_JWKS_URL; allowed: both, or neither",
      "JWT_AUDIENCE: has no effect without JWT_JWKS_URL; allowed: both, or neither",
    ]);
  });
});

test("neither a password nor keys go over the network in the clear", () => {
  const env = { ...IAM, IAM_ENDPOINT: "http://iam.example", JWT_JWKS_URL: "http://id.example/?key=hunter2" };
  expect(problemsOf(env)).toEqual([
    "IAM_ENDPOINT: the value is http to another host; allowed: https, or http to this host",
    "JWT_JWKS_URL: the value is http to another host; allowed: https, or http to this host, or JWT_JWKS_ALLOW_HTTP=on",
  ]);
});

test.each(["hunter2\n", "hunter2\r\n", "hun\tter2", "hunter2\u0000", "hunter2\u0085"])(
  "a secret with a control character is a slip, and is not shown: %j",
  (secret) => {
    const problem =
      "the value holds a line break or another control character; allowed: text without line breaks and other control characters";
    expect(problemsOf({ ...IAM, ...JWT, IAM_PASSWORD: secret })).toEqual([`IAM_PASSWORD: ${problem}`]);
    expect(problemsOf({ ...AKSK, ...JWT, HUAWEICLOUD_SDK_SK: secret, CACHE_KEY_SECRET: secret })).toEqual([
      `HUAWEICLOUD_SDK_SK: ${problem}`,
      `CACHE_KEY_SECRET: ${problem}`,
    ]);
  },
);

test("a secret keeps its leading and trailing spaces", () => {
  const reading = readSettings({ ...IAM, ...JWT, IAM_PASSWORD: " häßlich 1 " });
  expect(reading).toMatchObject({ settings: { IAM_PASSWORD: " häßlich 1 " } });
});
