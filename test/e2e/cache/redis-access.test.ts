import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Redis } from "ioredis";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { Follower, wsClient } from "../../support/live/live-clients.js";
import { askEvents } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { makeCertificate } from "../../support/redis/certificate.js";
import { RedisServer, startCluster } from "../../support/redis/redis.js";
import { MASTER, startSentinel } from "../../support/redis/sentinel.js";
import { startStrictProxy } from "../../support/redis/strict-proxy.js";
import { startTwemproxy } from "../../support/redis/twemproxy.js";

const JOBS = ["events-100", "events-101", "events-1000", "one-second", "failed", "chinese"];

let simulator: Simulator;
let stops: (() => unknown)[];

beforeEach(async () => {
  stops = [];
  simulator = await startSimulator();
});

afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  await simulator.close();
});

/** A gateway that uses its Redis by the time this returns. */
async function start(redisUrl: string, env: Record<string, string> = {}): Promise<GatewayProcess> {
  const gateway = await startGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    CACHE_KEY_SECRET: "shared",
    REDIS_URL: redisUrl,
    // Long, so that nothing is read again while a test runs.
    CACHE_HEAD_TTL_MS: "3600000",
    ...env,
  });
  stops.push(() => gateway.stop());
  return gateway;
}

/** Follows a log, so that the gateway subscribes to its news. */
async function followOne(gateway: GatewayProcess): Promise<void> {
  const client = wsClient(gateway.url);
  stops.push(() => client.close());
  const follower = new Follower(client, { id: "events-100", last: 1 });
  await eventually(() => follower.messages.length === 1);
  await eventually(() => gateway.stdout().includes('"Redis pub/sub is used"'));
}

async function askAll(gateway: GatewayProcess): Promise<void> {
  for (const id of JOBS) {
    const { errors } = await askEvents(gateway.url, { id, first: 20 });
    expect(errors).toEqual([]);
  }
}

/** Reads through two gateways: the second must get the first one's pages from Redis. */
async function expectSharing(
  redisUrl: string,
  env: Record<string, string> = {},
): Promise<{ other: GatewayProcess }> {
  await askAll(await start(redisUrl, env));
  const calls = simulator.calls.total;
  const other = await start(redisUrl, env);
  await askAll(other);
  expect(simulator.calls.total).toBe(calls);
  return { other };
}

describe("TLS", () => {
  test("a private CA is trusted with NODE_EXTRA_CA_CERTS", async () => {
    const redis = await RedisServer.startTls();
    stops.push(() => redis.stop());
    const { other } = await expectSharing(redis.url, { NODE_EXTRA_CA_CERTS: redis.caFile });
    await followOne(other);
  });

  test("a cluster may announce addresses that its certificate does not name", async () => {
    const certificate = makeCertificate("DNS:localhost");
    const servers = await startCluster(certificate);
    stops.push(() => Promise.all(servers.map((server) => server.stop())));
    await expectSharing(servers[0]?.url ?? "", { NODE_EXTRA_CA_CERTS: certificate.caFile });
  });

  test("a certificate that names no host of REDIS_URL is refused", async () => {
    const certificate = makeCertificate("DNS:redis.example");
    const redis = await RedisServer.startTls(certificate);
    stops.push(() => redis.stop());
    const gateway = await startGateway(
      { REDIS_URL: redis.url, NODE_EXTRA_CA_CERTS: certificate.caFile },
      { redisTrouble: true },
    );
    stops.push(() => gateway.stop());
    await eventually(() => gateway.stdout().includes('"fault":"ERR_TLS_CERT_ALTNAME_INVALID"'));
  });

  test("Sentinels and their primary are reached over TLS", async () => {
    const certificate = makeCertificate("DNS:localhost");
    const setup = await startSentinel({ certificate });
    stops.push(() => setup.stop());
    const { other } = await expectSharing(`rediss+sentinel://localhost:${setup.sentinelPort}/${MASTER}`, {
      NODE_EXTRA_CA_CERTS: certificate.caFile,
    });
    await followOne(other);
  });
});

describe("a user with exactly the documented commands", () => {
  const documented = (kind: string): readonly string[] => {
    const text = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");
    const found = new RegExp(`^ACL SETUSER ${kind} (.+)$`, "m").exec(text)?.[1];
    if (found === undefined) throw new Error(`No rule for the user ${kind} is documented.`);
    return [kind, ...found.split(" ").map((word) => (word.startsWith(">") ? ">hunter2" : word))];
  };

  async function allow(client: Redis, kind: string): Promise<void> {
    await client.call("acl", "setuser", ...documented(kind));
  }

  test("is enough for a single Redis", async () => {
    const redis = await RedisServer.start();
    stops.push(() => redis.stop());
    const client = redis.client();
    await allow(client, "events");
    const { other } = await expectSharing(redis.url.replace("//", "//events:hunter2@"));
    await followOne(other);
    expect(await client.call("acl", "log")).toEqual([]);
    client.disconnect();
  });

  test("is enough for a cluster", async () => {
    const servers = await startCluster();
    stops.push(() => Promise.all(servers.map((server) => server.stop())));
    const clients = servers.map((server) => server.client());
    for (const client of clients) await allow(client, "events-cluster");
    const url = servers[0]?.url.replace("//", "//events-cluster:hunter2@") ?? "";
    const { other } = await expectSharing(url);
    await followOne(other);
    for (const client of clients) {
      expect(await client.call("acl", "log")).toEqual([]);
      client.disconnect();
    }
  });
});

describe("a proxy that refuses HELLO, INFO, CLIENT and CLUSTER", () => {
  test("serves one Redis", async () => {
    const redis = await RedisServer.start();
    const proxy = await startStrictProxy(redis.port);
    stops.push(() => Promise.all([proxy.close(), redis.stop()]));
    await expectSharing(proxy.url);
  });

  test("spreads keys over several (twemproxy)", async () => {
    const servers = await Promise.all([RedisServer.start(), RedisServer.start()]);
    const proxy = await startTwemproxy(servers);
    stops.push(() => Promise.all(servers.map((server) => server.stop())));
    stops.push(() => proxy.stop());
    await expectSharing(proxy.url);
  });
});
