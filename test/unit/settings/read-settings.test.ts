import { describe, expect, test } from "@jest/globals";
import { readSettings, type Settings, SETTINGS } from "../../../src/settings/settings.js";

function settingsOf(env: Record<string, string>): Settings {
  const reading = readSettings(env);
  if (!reading.ok) throw new Error(reading.problems.join("\n"));
  return reading.settings;
}

function problemsOf(env: Record<string, string>): string[] {
  const reading = readSettings(env);
  return reading.ok ? [] : reading.problems;
}

describe("without any variable", () => {
  test("everything has its documented default", () => {
    expect(settingsOf({})).toEqual({
      HOST: "127.0.0.1",
      PORT: 4000,
      OTEL_EXPORTER_OTLP_ENDPOINT: null,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: null,
      OTEL_SDK_DISABLED: false,
      OTEL_TRACES_EXPORTER: "otlp",
      TRUSTED_DOCUMENTS: null,
      RATE_LIMIT: null,
      SECRET_FILES: {},
      MODELARTS_ENDPOINT: null,
      MODELARTS_PROJECT_ID: "demo-project",
      SINGLE_PROJECT: false,
      MODELARTS_AUTH: "none",
      HUAWEICLOUD_SDK_AK: null,
      HUAWEICLOUD_SDK_SK: null,
      HUAWEICLOUD_SDK_SECURITY_TOKEN: null,
      HUAWEICLOUD_METADATA_ENDPOINT: "http://169.254.169.254",
      IAM_ENDPOINT: null,
      IAM_DOMAIN: null,
      IAM_USER: null,
      IAM_PASSWORD: null,
      JWT_JWKS_URL: null,
      JWT_ISSUER: null,
      JWT_AUDIENCE: null,
      JWT_JWKS_ALLOW_HTTP: false,
      JWT_PROJECTS_CLAIM: null,
      ALLOW_ANONYMOUS: false,
      REDIS_URL: null,
      CACHE_HEAD_TTL_MS: 2000,
      CACHE_SETTLED_TTL_MS: 60_000,
      CACHE_STALE_MS: 300_000,
      CACHE_STALE_WAIT_MS: 1000,
      CACHE_MEMORY_MAX_BYTES: 67_108_864,
      CACHE_KEY_SECRET: null,
      CACHE_DEBUG: true,
      MODELARTS_OFFSET: "auto",
      UPSTREAM_TIMEOUT_MS: 5000,
      UPSTREAM_RETRIES: 2,
      UPSTREAM_CONNECTIONS: 64,
      REQUEST_TIMEOUT_MS: 15_000,
      CORS_ORIGINS: { listed: ["https://studio.apollographql.com"], loopback: true },
      DEFAULT_LANGUAGE: "en-us",
      INTROSPECTION: true,
      IS_PRODUCTION: false,
      MAX_UPSTREAM_CALLS: 60,
      BATCH_MAX: 10,
      SIMULATOR: false,
      KEEP_ALIVE_TIMEOUT_MS: 75_000,
      METRICS_PORT: null,
      LIVE_CONNECTIONS_MAX: 1000,
      LIVE_CONNECTIONS_PER_CALLER_MAX: 100,
      LIVE_QUIET_INTERVAL_MS: 15_000,
      FAST_PATH: true,
      LOG_LEVEL: "info",
      SHUTDOWN_DELAY_MS: 1000,
      SHUTDOWN_GRACE_MS: 10_000,
    });
  });

  test("an empty or blank value counts as unset", () => {
    const blank = Object.fromEntries(SETTINGS.map(({ name }, index) => [name, index % 2 === 0 ? "" : "  "]));
    expect(settingsOf(blank)).toEqual(settingsOf({}));
  });

  test("each variable is documented by its default, its meaning and what is allowed", () => {
    const derived = ["SECRET_FILES", "IS_PRODUCTION"];
    const names = Object.keys(settingsOf({})).filter((name) => !derived.includes(name));
    expect(SETTINGS.map(({ name }) => name)).toEqual(names);
    for (const { default: fallback, meaning, allowed } of SETTINGS) {
      expect([fallback, meaning, allowed]).not.toContain("");
    }
  });

  test("writing a documented default changes nothing", () => {
    const writable = SETTINGS.filter(({ name, default: text }) => problemsOf({ [name]: text }).length === 0);
    const written = Object.fromEntries(writable.map(({ name, default: text }) => [name, text]));
    expect(writable.length).toBeGreaterThan(14);
    expect(settingsOf({ PORT: written["PORT"] ?? "", HOST: written["HOST"] ?? "" })).toEqual(settingsOf({}));
    for (const name of ["CACHE_STALE_MS", "LOG_LEVEL", "MODELARTS_OFFSET", "SHUTDOWN_DELAY_MS"] as const) {
      expect(settingsOf({ [name]: written[name] ?? "" })[name]).toBe(settingsOf({})[name]);
    }
  });
});

describe("defaults that depend on others", () => {
  test("with a real endpoint the defaults are passthrough and no project", () => {
    expect(
      settingsOf({ MODELARTS_ENDPOINT: "https://modelarts.cn-north-4.myhuaweicloud.com/" }),
    ).toMatchObject({
      MODELARTS_ENDPOINT: "https://modelarts.cn-north-4.myhuaweicloud.com",
      MODELARTS_AUTH: "passthrough",
      MODELARTS_PROJECT_ID: null,
    });
  });

  test("explicit values override both defaults", () => {
    const env = { MODELARTS_AUTH: "PassThrough", MODELARTS_PROJECT_ID: "p_1-x" };
    expect(settingsOf(env)).toMatchObject({ MODELARTS_AUTH: "passthrough", MODELARTS_PROJECT_ID: "p_1-x" });
  });

  test("production hides debugging and refuses other origins by default", () => {
    const NODE_ENV = "production";
    const SIMULATOR = "on";
    expect(settingsOf({ NODE_ENV, SIMULATOR })).toMatchObject({
      INTROSPECTION: false,
      CORS_ORIGINS: { listed: [], loopback: false },
    });
    expect(
      settingsOf({ NODE_ENV, SIMULATOR, INTROSPECTION: "on", CORS_ORIGINS: "https://a.example" }),
    ).toMatchObject({
      INTROSPECTION: true,
      CORS_ORIGINS: { listed: ["https://a.example"], loopback: false },
    });
  });

  test("production needs an endpoint or SIMULATOR=on", () => {
    const NODE_ENV = "production";
    for (const SIMULATOR of ["", "off"]) {
      expect(problemsOf({ NODE_ENV, SIMULATOR })).toEqual([
        expect.stringMatching(/^MODELARTS_ENDPOINT: is not set, .+; allowed: .+, or SIMULATOR=on$/),
      ]);
    }
    const MODELARTS_ENDPOINT = "https://modelarts.example";
    expect(settingsOf({ NODE_ENV, MODELARTS_ENDPOINT })).toMatchObject({ MODELARTS_ENDPOINT });
    expect(settingsOf({ NODE_ENV, SIMULATOR: "on" }).MODELARTS_ENDPOINT).toBeNull();
  });

  test("a short SHUTDOWN_GRACE_MS shortens the default of SHUTDOWN_DELAY_MS", () => {
    expect(settingsOf({ SHUTDOWN_GRACE_MS: "800" }).SHUTDOWN_DELAY_MS).toBe(400);
  });
});

describe("accepted values", () => {
  test.each([
    ["on", true],
    ["TRUE", true],
    ["off", false],
    [" false ", false],
  ])("INTROSPECTION=%j", (text, value) => {
    expect(settingsOf({ INTROSPECTION: text }).INTROSPECTION).toBe(value);
  });

  test.each(["0.0.0.0", "::", "::1", "localhost", "gateway-1.svc"])("HOST=%s", (HOST) => {
    expect(settingsOf({ HOST }).HOST).toBe(HOST);
  });

  test("origins are written as browsers write them", () => {
    const CORS_ORIGINS = "https://A.example:443, http://b.example:8080,http://[::1]:3000";
    expect(settingsOf({ CORS_ORIGINS }).CORS_ORIGINS).toEqual({
      listed: ["https://a.example", "http://b.example:8080", "http://[::1]:3000"],
      loopback: false,
    });
  });

  test("origins of any scheme, and of one label below a domain", () => {
    const CORS_ORIGINS =
      "Capacitor://localhost, chrome-extension://abcdefgh, https://*.Example.com:443, http://*.localhost:3000";
    expect(settingsOf({ CORS_ORIGINS }).CORS_ORIGINS.listed).toEqual([
      "capacitor://localhost",
      "chrome-extension://abcdefgh",
      "https://*.example.com",
      "http://*.localhost:3000",
    ]);
  });

  test("one Redis, or the seeds of a cluster", () => {
    expect(settingsOf({ REDIS_URL: "rediss://u:p@r:6380/2" }).REDIS_URL).toEqual(["rediss://u:p@r:6380/2"]);
    expect(settingsOf({ REDIS_URL: "redis://a, redis://b:7000/0" }).REDIS_URL).toEqual([
      "redis://a",
      "redis://b:7000/0",
    ]);
  });
});

test.each(["redis://:pa%ss@r", "redis://us%er:p@r", "redis://a,redis://:%@b"])(
  "%s is refused, and not repeated",
  (url) => {
    const reading = readSettings({ REDIS_URL: url });
    expect(reading).toMatchObject({ ok: false, problems: [expect.stringMatching(/^REDIS_URL: .*%25/)] });
    expect(JSON.stringify(reading)).not.toContain(url.slice(8, 13));
  },
);

describe("refused values", () => {
  test.each([
    ["PORT", "http", 'PORT: "http" is not a whole number; allowed: a whole number from 0 to 65535'],
    ["PORT", "65536", 'PORT: "65536" is too large; allowed: a whole number from 0 to 65535'],
    ["PORT", "4000.5", 'PORT: "4000.5" is not a whole number; allowed: a whole number from 0 to 65535'],
    ["UPSTREAM_RETRIES", "-1", 'UPSTREAM_RETRIES: "-1" is too small; allowed: a whole number from 0 to 10'],
    [
      "REQUEST_TIMEOUT_MS",
      "0",
      'REQUEST_TIMEOUT_MS: "0" is too small; allowed: a whole number from 1 to 600000',
    ],
    [
      "HOST",
      "http://x",
      'HOST: "http://x" is neither an IP address nor a host name; allowed: an IP address or a host name, without a scheme or a port',
    ],
    [
      "DEFAULT_LANGUAGE",
      "fr",
      'DEFAULT_LANGUAGE: "fr" is not one of the allowed words; allowed: en-us, zh-cn',
    ],
    [
      "INTROSPECTION",
      "yes",
      'INTROSPECTION: "yes" is not one of the allowed words; allowed: on, off, true, false',
    ],
    [
      "LOG_LEVEL",
      "loud",
      'LOG_LEVEL: "loud" is not one of the allowed words; allowed: fatal, error, warn, info, debug, trace, silent',
    ],
    [
      "MODELARTS_AUTH",
      "basic",
      'MODELARTS_AUTH: "basic" is not one of the allowed words; allowed: passthrough, iam, aksk, agency, none',
    ],
    [
      "MODELARTS_PROJECT_ID",
      "a b",
      'MODELARTS_PROJECT_ID: "a b" has a form that is not allowed; allowed: 1 to 64 letters, digits, _ or -',
    ],
    [
      "MODELARTS_ENDPOINT",
      "modelarts",
      "MODELARTS_ENDPOINT: the value is not a URL; allowed: an http or https URL without user, password, query or fragment",
    ],
    [
      "MODELARTS_OFFSET",
      "rows\nX",
      'MODELARTS_OFFSET: "rows\\nX" is not one of the allowed words; allowed: auto, row, page',
    ],
    [
      "SHUTDOWN_DELAY_MS",
      "10000",
      'SHUTDOWN_DELAY_MS: "10000" is too large; allowed: less than SHUTDOWN_GRACE_MS, which is 10000',
    ],
    ["METRICS_PORT", "4000", 'METRICS_PORT: "4000" is the same as PORT; allowed: another port, or unset'],
  ])("%s=%j", (name, text, line) => {
    expect(problemsOf({ [name]: text })).toEqual([line]);
  });

  test.each([
    ["ftp://x", "is not an http or https URL"],
    ["https://u:p@x", "has a user or a password in it"],
    ["https://x?y=1", "has a query"],
    ["https://x#y", "has a fragment"],
  ])("MODELARTS_ENDPOINT=%s %s", (text, problem) => {
    expect(problemsOf({ MODELARTS_ENDPOINT: text })).toEqual([expect.stringContaining(problem)]);
  });

  test("the URL of keys may have a query, and is used unchanged", () => {
    const JWT_JWKS_URL = "https://id.example/keys/?tenant=a";
    expect(readSettings({ JWT_JWKS_URL })).toMatchObject({ ok: true, settings: { JWT_JWKS_URL } });
    expect(problemsOf({ JWT_JWKS_URL: "https://u:p@id.example/" })).toEqual([
      expect.stringMatching(/^JWT_JWKS_URL: the value has a user .+ without user, password or fragment$/),
    ]);
  });

  test.each([
    "*",
    "a.example",
    "https://a.example/path",
    "https://a.example/",
    "https://a.example,,",
    "null",
    "*",
    "null",
    "https://*",
    "https://*.",
    "https://a.*.example.com",
    "https://a*.example.com",
    "https://*.*.example.com",
    "capacitor://localhost/path",
    "*://example.com",
    "ws://example.com",
    "file:///home",
  ])("CORS_ORIGINS=%s", (CORS_ORIGINS) => {
    expect(problemsOf({ CORS_ORIGINS })).toEqual([expect.stringMatching(/^CORS_ORIGINS: .+ allowed: comma/)]);
  });

  test.each([
    "http://r",
    "redis://",
    "redis://a/x",
    "redis://a,rediss://b",
    "redis://a,redis://b/1",
    "redis://a,",
  ])("REDIS_URL=%s", (REDIS_URL) => {
    expect(problemsOf({ REDIS_URL })).toEqual([expect.stringMatching(/^REDIS_URL: .+ allowed: redis:/)]);
  });

  test("each invalid variable has one line, and all are reported at once", () => {
    const bad = {
      PORT: "x",
      LOG_LEVEL: "x",
      MODELARTS_AUTH: "basic",
      SHUTDOWN_DELAY_MS: "20000",
      REDIS_URL: "x",
    };
    const names = problemsOf(bad).map((line) => line.split(":", 1)[0]);
    expect(names.sort()).toEqual(Object.keys(bad).sort());
    expect(problemsOf(bad).join("")).not.toContain("\n");
  });

  test("a long value is cut", () => {
    expect(problemsOf({ LOG_LEVEL: "x".repeat(5000) })[0]?.length).toBeLessThan(250);
  });

  test("no invalid secret is repeated", () => {
    const lines = problemsOf({
      PORT: "x",
      HUAWEICLOUD_SDK_SK: "hunter2",
      IAM_PASSWORD: "hunter2",
      REDIS_URL: "http://me:hunter2@r",
      MODELARTS_ENDPOINT: "https://me:hunter2@x",
      IAM_ENDPOINT: "hunter2@x",
      JWT_JWKS_URL: "https://x?key=hunter2#hunter2",
      CORS_ORIGINS: "https://me:hunter2@x",
    });
    expect(lines).toHaveLength(6);
    expect(lines.join("\n")).not.toContain("hunter2");
  });
});

test("SINGLE_PROJECT needs a project", () => {
  const upstream = { MODELARTS_ENDPOINT: "https://modelarts.example.com" };
  expect(problemsOf({ ...upstream, SINGLE_PROJECT: "on" })).toEqual([
    "MODELARTS_PROJECT_ID: is not set, and SINGLE_PROJECT=on needs it; allowed: a project's ID",
  ]);
  expect(problemsOf({ ...upstream, SINGLE_PROJECT: "on", MODELARTS_PROJECT_ID: "p" })).toEqual([]);
  expect(settingsOf({ SINGLE_PROJECT: "on" }).SINGLE_PROJECT).toBe(true);
});
