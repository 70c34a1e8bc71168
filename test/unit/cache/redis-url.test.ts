import { describe, expect, test } from "@jest/globals";
import { readServerInfo } from "../../../src/cache/redis/redis-diagnostics.js";
import { redisTarget, redisUrlProblem, splitRedisUrls } from "../../../src/cache/redis/redis-url.js";

const plain = {
  ...{ masterName: null, database: 0, tls: false, username: null, password: null },
  ...{ sentinelUsername: null, sentinelPassword: null },
};
const targetOf = (text: string) => redisTarget(splitRedisUrls(text));

describe("REDIS_URL names", () => {
  test("one Redis, with its user, password and database", () => {
    expect(targetOf("rediss://me:p%40ss@r:6380/2")).toEqual({
      ...plain,
      kind: "single",
      addresses: [{ host: "r", port: 6380 }],
      database: 2,
      tls: true,
      username: "me",
      password: "p@ss",
    });
  });

  test("the seeds of a cluster, IPv6 addresses among them", () => {
    expect(targetOf("redis://a, redis://[::1]:7000")).toEqual({
      ...plain,
      kind: "cluster",
      addresses: [
        { host: "a", port: 6379 },
        { host: "::1", port: 7000 },
      ],
    });
  });

  test("Sentinels, and their name of the primary", () => {
    expect(targetOf("redis+sentinel://:secret@a:26380,b/main.1/3")).toEqual({
      ...plain,
      kind: "sentinel",
      addresses: [
        { host: "a", port: 26380 },
        { host: "b", port: 26379 },
      ],
      masterName: "main.1",
      database: 3,
      password: "secret",
      sentinelPassword: "secret",
    });
    expect(targetOf("rediss+sentinel://a/m").tls).toBe(true);
  });

  test("Sentinels with credentials of their own", () => {
    const own = "sentinelUsername=watcher&sentinelPassword=a%26b%3D+c";
    expect(targetOf(`redis+sentinel://me:secret@a/m/2?${own}`)).toMatchObject({
      ...{ masterName: "m", database: 2, username: "me", password: "secret" },
      ...{ sentinelUsername: "watcher", sentinelPassword: "a&b=+c" },
    });
    // None, although the Redis has one.
    expect(targetOf("redis+sentinel://:secret@a/m?sentinelPassword=")).toMatchObject({
      ...{ password: "secret", sentinelUsername: null, sentinelPassword: null },
    });
  });
});

test.each([
  "redis+sentinel://a:1",
  "redis+sentinel://a:1/",
  "redis+sentinel://a:1/m/x",
  "redis+sentinel:///m",
  "redis+sentinel://a:x/m",
  "redis+sentinel://a,/m",
  "redis+sentinel://a/m,redis+sentinel://b/m",
  "redis://a,redis+sentinel://b/m",
  "redis+sentinel://a/m?sentinelPasword=p",
  "redis+sentinel://a/m?sentinelPassword=50%",
])("%s is refused", (text) => {
  expect(redisUrlProblem(splitRedisUrls(text))).not.toBeNull();
});

test("the version is read from the INFO of Redis and of Valkey", () => {
  const redis = "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n";
  const valkey = "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\n";
  expect(readServerInfo(redis)).toEqual({ product: "redis", version: "7.0.15" });
  expect(readServerInfo(valkey)).toEqual({ product: "valkey", version: "8.1.1" });
  expect(readServerInfo("")).toEqual({ product: "unknown", version: null });
});
