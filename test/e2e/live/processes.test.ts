import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { CLIENTS, Follower, type LiveClient, sseClient, wsClient } from "../../support/live/live-clients.js";
import { askEvents, pageOf } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { metricOf } from "../../support/processes/load.js";
import { RedisServer, startCluster } from "../../support/redis/redis.js";
import { MASTER, startSentinel } from "../../support/redis/sentinel.js";

const JOB = "followed";

let simulator: Simulator;
let stops: (() => unknown)[];
let written: number;

beforeEach(async () => {
  stops = [];
  written = 0;
  simulator = await startSimulator();
  simulator.jobs.create(JOB, []);
  write();
});

afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  await simulator.close();
});

function write(): void {
  written += 1;
  simulator.jobs.add(JOB, [{ message: `event ${written}`, level: "Warning" }]);
}

async function start(redisUrl: string, env: Record<string, string> = {}): Promise<GatewayProcess> {
  const gateway = await startGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    CACHE_KEY_SECRET: "shared",
    REDIS_URL: redisUrl,
    // So long that no follower reads again by itself.
    CACHE_HEAD_TTL_MS: "3600000",
    ...env,
  });
  stops.push(() => gateway.stop());
  return gateway;
}

async function follow(
  gateway: GatewayProcess,
  create: (url: string) => LiveClient,
  variables: Record<string, unknown> = {},
): Promise<Follower> {
  const client = create(gateway.url);
  stops.push(() => client.close());
  const follower = new Follower(client, { id: JOB, last: 1, ...variables });
  await eventually(() => follower.messages.length === 1);
  return follower;
}

const subscriptions = (gateway: GatewayProcess): number =>
  gateway.stdout().split('"Redis pub/sub is used"').length - 1;

/** Writes an event, and lets a query at this gateway read it. */
async function writeAndRead(gateway: GatewayProcess): Promise<void> {
  write();
  const headers = { "cache-control": "max-age=0" };
  await eventually(async () => {
    const { nodes } = pageOf(await askEvents(gateway.url, { id: JOB, first: 1 }, headers));
    return nodes[0]?.message === `event ${written}`;
  });
}

const FORMS: readonly (readonly [string, () => Promise<string>])[] = [
  [
    "a single Redis",
    async () => {
      const redis = await RedisServer.start();
      stops.push(() => redis.stop());
      return redis.url;
    },
  ],
  [
    "a cluster",
    async () => {
      const servers = await startCluster();
      stops.push(() => Promise.all(servers.map((server) => server.stop())));
      return servers.map(({ url }) => url).join();
    },
  ],
  [
    "Sentinels",
    async () => {
      const setup = await startSentinel();
      stops.push(() => setup.stop());
      return `redis+sentinel://127.0.0.1:${setup.sentinelPort}/${MASTER}`;
    },
  ],
];

describe.each(FORMS)("over %s", (_form, startRedis) => {
  test("events that one process reads reach the viewers of all without a further call to ModelArts", async () => {
    const url = await startRedis();
    const gateways = [await start(url), await start(url)] as const;
    const followers: Follower[] = [];
    for (const gateway of gateways) {
      for (const [, create] of CLIENTS) followers.push(await follow(gateway, create));
      await eventually(() => subscriptions(gateway) === 1);
    }
    simulator.calls.reset();
    for (let round = 1; round <= 3; round += 1) {
      await writeAndRead(gateways[round % 2 === 0 ? 0 : 1]);
      await eventually(() => followers.every(({ messages }) => messages.length === 1 + round));
      expect(simulator.calls.total).toBe(round);
    }
    const all = Array.from({ length: 4 }, (_, at) => `event ${at + 1}`);
    for (const { messages } of followers) expect(messages).toEqual(all);
  });
});

test("a Redis that was restarted is subscribed to again", async () => {
  const redis = await RedisServer.start();
  stops.push(() => redis.stop());
  const [reader, other] = [await start(redis.url), await start(redis.url)];
  const follower = await follow(other, wsClient);
  await eventually(() => subscriptions(other) === 1);
  await redis.kill();
  await eventually(async () => (await metricOf(other.url, "cache_redis_up")) === 0);
  await redis.restart();
  for (const { url } of [reader, other]) {
    await eventually(async () => (await metricOf(url, "cache_redis_up")) === 1);
  }
  await eventually(() => subscriptions(other) === 2);
  await writeAndRead(reader);
  await eventually(() => follower.messages.length === 2);
  expect(follower.messages).toEqual(["event 1", "event 2"]);
});

test("each log of a filter has a channel with a hashed name, until its last follower leaves", async () => {
  const redis = await RedisServer.start();
  stops.push(() => redis.stop());
  const client = redis.client();
  stops.push(() => {
    client.disconnect();
  });
  const channels = async (): Promise<string[]> => (await client.call("pubsub", "channels", "*")) as string[];
  const [reader, other] = [await start(redis.url), await start(redis.url)];
  expect(await channels()).toEqual([]);
  const follower = await follow(other, sseClient, { filter: { levels: ["WARNING", "ERROR"] } });
  await eventually(async () => (await channels()).length === 2);
  for (const name of await channels()) expect(name).toMatch(/^mae:\d+:news:[\w-]{22}$/);
  // The other process follows the same logs, and hears of the same channels.
  const same = await follow(reader, sseClient, { filter: { levels: ["ERROR", "WARNING"] } });
  await eventually(() => subscriptions(reader) === 1);
  expect(await channels()).toHaveLength(2);
  same.stop();
  follower.stop();
  await eventually(async () => (await channels()).length === 0);
});

test("without the right to publish and subscribe, logs are followed at their own pace", async () => {
  const redis = await RedisServer.start();
  stops.push(() => redis.stop());
  const client = redis.client();
  await client.call("acl", "setuser", "mute", "on", ">hunter2", "~mae:*", "resetchannels", "+@all");
  client.disconnect();
  const url = redis.url.replace("//", "//mute:hunter2@");
  const env = { CACHE_HEAD_TTL_MS: "300" };
  const [reader, other] = [await start(url, env), await start(url, env)];
  const follower = await follow(other, wsClient);
  for (let round = 1; round <= 3; round += 1) {
    await writeAndRead(reader);
    await eventually(() => follower.messages.length === 1 + round);
  }
  expect(follower.errors).toEqual([]);
  expect(other.stdout().match(/Redis pub\/sub is not used/g)).toHaveLength(1);
  expect(other.stdout()).toContain('"fault":"NOPERM"');
  expect(subscriptions(other)).toBe(0);
});

test("viewers of a killed process resume at another one, lose nothing, and do not flood ModelArts", async () => {
  const redis = await RedisServer.start();
  stops.push(() => redis.stop());
  const headTtlMs = 500;
  const env = { CACHE_HEAD_TTL_MS: `${headTtlMs}`, LIVE_CONNECTIONS_PER_CALLER_MAX: "1000" };
  const [killed, other] = [await start(redis.url, env), await start(redis.url, env)];
  let home = killed;
  const followers = Array.from({ length: 400 }, (_, at) => {
    const client = wsClient(() => (at % 2 === 0 ? home : other).url, { retries: 50 });
    stops.push(() => client.close());
    return new Follower(client, { id: JOB, last: 1 });
  });
  const haveAll = (): boolean => followers.every(({ messages }) => messages.length === written);
  await eventually(haveAll);
  for (let round = 0; round < 3; round += 1) {
    write();
    await eventually(haveAll);
  }
  simulator.calls.reset();
  const startedMs = performance.now();
  home = other;
  killed.signal("SIGKILL");
  write();
  await killed.ended;
  write();
  await eventually(haveAll);
  write();
  await eventually(haveAll);
  const lifetimes = (performance.now() - startedMs) / headTtlMs;
  expect(simulator.calls.total).toBeLessThanOrEqual(2 * (lifetimes + 1));
  const all = Array.from({ length: written }, (_, at) => `event ${at + 1}`);
  for (const { errors, messages } of followers) {
    expect(errors).toEqual([]);
    expect(messages).toEqual(all);
  }
});
