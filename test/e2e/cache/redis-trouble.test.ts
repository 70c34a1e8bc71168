import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Redis } from "ioredis";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { type Load, metricOf, startLoad } from "../../support/processes/load.js";
import { RedisServer, startCluster } from "../../support/redis/redis.js";
import { type SlowProxy, startSlowProxy } from "../../support/processes/slow-proxy.js";

const JOBS = ["events-100", "events-101", "events-1000", "one-second", "failed", "chinese"];

let simulator: Simulator;
let servers: readonly RedisServer[] = [];
let proxy: SlowProxy | null = null;
let gateway: GatewayProcess;
let load: Load;

beforeEach(async () => {
  simulator = await startSimulator();
});

afterEach(async () => {
  await load.stop();
  await gateway.stop();
  await proxy?.close();
  proxy = null;
  await Promise.all(servers.map((server) => server.stop()));
  await simulator.close();
});

async function start(
  redisUrl: string,
  env: Record<string, string> = {},
  jobs: readonly string[] = JOBS,
): Promise<void> {
  const settings = {
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    REDIS_URL: redisUrl,
    // Short, so that the cache is asked and written all the time.
    CACHE_HEAD_TTL_MS: "100",
    CACHE_SETTLED_TTL_MS: "200",
    LOG_LEVEL: "warn",
    ...env,
  };
  gateway = await startGateway(settings, { redisTrouble: true });
  load = startLoad([gateway.url], jobs);
}

const isUp = async (up: boolean): Promise<boolean> =>
  (await metricOf(gateway.url, "cache_redis_up")) === (up ? 1 : 0);

/** Waits until so many more queries were answered. */
async function answers(count: number): Promise<void> {
  const enough = load.answered() + count;
  await eventually(() => load.answered() >= enough);
}

/** Waits until the gateway writes to Redis again. */
async function isWritten(client: Redis): Promise<void> {
  await client.flushall();
  await eventually(async () => (await client.dbsize()) > 0);
}

describe("no query fails while Redis", () => {
  let redis: RedisServer;
  let client: Redis;

  beforeEach(async () => {
    redis = await RedisServer.start();
    servers = [redis];
    client = redis.client();
    proxy = await startSlowProxy(redis.port);
    await start(`redis://127.0.0.1:${proxy.port}`);
    await answers(50);
    await isWritten(client);
  });

  afterEach(() => {
    client.disconnect();
  });

  test("is killed, and restarts empty", async () => {
    await redis.kill();
    await eventually(() => isUp(false));
    await answers(200);
    await redis.restart();
    await eventually(() => isUp(true));
    await answers(50);
    await eventually(async () => (await client.dbsize()) > 0);
    expect(await load.stop()).toEqual([]);
  });

  test("is frozen, and continues", async () => {
    redis.pause();
    await eventually(() => isUp(false));
    await answers(200);
    redis.resume();
    await eventually(() => isUp(true));
    await isWritten(client);
    expect(await load.stop()).toEqual([]);
  });

  test("is slow, and becomes fast again", async () => {
    if (proxy === null) throw new Error("There is a proxy.");
    proxy.delayMs = 100;
    await eventually(() => isUp(false));
    await answers(200);
    proxy.delayMs = 0;
    await eventually(() => isUp(true));
    await isWritten(client);
    expect(await load.stop()).toEqual([]);
  });

  test("has no memory left (-OOM)", async () => {
    await client.config("SET", "maxmemory", "1");
    await answers(200);
    await client.config("SET", "maxmemory", "0");
    await isWritten(client);
    expect(await load.stop()).toEqual([]);
  });

  test("is a replica (-READONLY)", async () => {
    await client.replicaof("127.0.0.1", 1);
    await answers(200);
    await client.replicaof("NO", "ONE");
    await isWritten(client);
    expect(await load.stop()).toEqual([]);
  });

  test("answers only errors (-MASTERDOWN)", async () => {
    await client.config("SET", "replica-serve-stale-data", "no");
    await client.replicaof("127.0.0.1", 1);
    await eventually(() => isUp(false));
    await answers(200);
    await client.replicaof("NO", "ONE");
    await eventually(() => isUp(true));
    await isWritten(client);
    expect(await load.stop()).toEqual([]);
  });

  test("is loading (-LOADING)", async () => {
    await client.mset(
      Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`other ${index}`, "value"])),
    );
    await client.save();
    await redis.kill();
    await eventually(() => isUp(false));
    await redis.restart({ args: ["--key-load-delay", "100000"], isLoading: true });
    await answers(200);
    await redis.kill();
    await redis.restart();
    await eventually(() => isUp(true));
    await isWritten(client);
    expect(await load.stop()).toEqual([]);
  });
});

test("no query fails while Redis redirects every command (-MOVED)", async () => {
  servers = await startCluster();
  await start(servers[0]?.url ?? "");
  await answers(300);
  expect(await load.stop()).toEqual([]);
});

/** Starts over all nodes, with so many jobs that each primary has some of them, wherever their slots are. */
async function startOverCluster(): Promise<void> {
  const jobs = Array.from({ length: 60 }, (_, index) => `job-${index}`);
  const events = Array.from({ length: 20 }, (_, index) => ({ message: `event ${index}` }));
  for (const job of jobs) simulator.jobs.create(job, events);
  await start(servers.map(({ url }) => url).join(), {}, jobs);
}

test("no query fails when one of three primaries is lost, and the others still serve", async () => {
  servers = await startCluster();
  await startOverCluster();
  await answers(100);
  const [lost, ...left] = servers;
  await lost?.kill();
  await answers(300);
  for (const server of left) {
    const client = server.client();
    await isWritten(client);
    client.disconnect();
  }
  expect(await load.stop()).toEqual([]);
});

test("Redis counts as up again when another primary has the slots of a lost one", async () => {
  servers = await startCluster();
  await startOverCluster();
  await eventually(() => isUp(true));
  const [lost, ...left] = servers;
  const lostClient = lost?.client();
  const id = (await lostClient?.cluster("MYID")) ?? "";
  const slots = (await lostClient?.cluster("SLOTS"))?.find(([, , node]) => node?.[1] === lost?.port);
  await lost?.kill();
  await eventually(() => isUp(false));
  lostClient?.disconnect();
  const clients = left.map((server) => server.client());
  for (const client of clients) await client.cluster("FORGET", id);
  await clients[0]?.cluster("ADDSLOTSRANGE", slots?.[0] ?? 0, slots?.[1] ?? 0);
  await eventually(() => isUp(true));
  for (const client of clients) client.disconnect();
  expect(await load.stop()).toEqual([]);
});

test("it starts and is ready without Redis, and uses Redis when it is up", async () => {
  const redis = await RedisServer.start();
  servers = [redis];
  await redis.kill();
  await start(redis.url);
  await answers(50);
  await redis.restart();
  await eventually(() => isUp(true));
  const client = redis.client();
  await isWritten(client);
  client.disconnect();
  expect(await load.stop()).toEqual([]);
});

test.each([
  ["no password", "", "NOAUTH"],
  ["a wrong password", ":wrong@", "WRONGPASS"],
])(
  "if Redis needs a password, %s is reported differently from a network failure",
  async (_what, user, fault) => {
    const redis = await RedisServer.start();
    servers = [redis];
    const client = redis.client();
    await client.config("SET", "requirepass", "hunter2");
    await start(redis.url.replace("//", `//${user}`));
    await answers(20);
    await eventually(() => gateway.stdout().includes(`"fault":"${fault}"`));
    expect(gateway.stdout()).not.toMatch(/hunter2|wrong/);
    client.disconnect();
    expect(await load.stop()).toEqual([]);
  },
);

test("a database that Redis does not have is not replaced by another one", async () => {
  const redis = await RedisServer.start();
  servers = [redis];
  await start(`${redis.url}/99`);
  await eventually(() => gateway.stdout().includes("Redis is not used"));
  await answers(50);
  const client = redis.client();
  expect(await client.dbsize()).toBe(0);
  client.disconnect();
  expect(await isUp(false)).toBe(true);
  expect(await load.stop()).toEqual([]);
});

test("TLS is used if the URL says so", async () => {
  const redis = await RedisServer.startTls();
  servers = [redis];
  await start(redis.url, { NODE_EXTRA_CA_CERTS: redis.caFile });
  const client = redis.client();
  await isWritten(client);
  client.disconnect();
  expect(await load.stop()).toEqual([]);
});
