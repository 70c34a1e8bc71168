import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { cacheKey, type CacheKey, createTenancy, logPrefix } from "../../../src/cache/keys.js";
import { type RedisGate } from "../../../src/cache/redis/redis-gate.js";
import { eventually } from "../../support/eventually.js";
import { freePort } from "../../support/processes/free-port.js";
import { makeCertificate } from "../../support/redis/certificate.js";
import { redisGate } from "../../support/redis/redis-gates.js";
import { recordRedis, type RedisMessages } from "../../support/redis/redis-messages.js";
import { RedisServer, startCluster } from "../../support/redis/redis.js";
import { MASTER, startSentinel } from "../../support/redis/sentinel.js";

const VERSION = expect.stringMatching(/^\d+\.\d+\.\d+$/) as unknown;

let stops: (() => unknown)[];
let messages: RedisMessages;

beforeEach(() => {
  stops = [];
  messages = recordRedis();
});

afterEach(async () => {
  messages.end();
  for (const stop of stops.reverse()) await stop();
});

async function connected(url: string): Promise<RedisGate> {
  const gate = redisGate(url.includes("sentinel") ? [url] : url.split(","));
  stops.push(() => {
    gate.close();
  });
  await gate.connect(100);
  return gate;
}

async function cluster(...args: Parameters<typeof startCluster>): Promise<readonly RedisServer[]> {
  const servers = await startCluster(...args);
  stops.push(() => Promise.all(servers.map((server) => server.stop())));
  return servers;
}

/** Keys of so many jobs that each node of a small cluster has some of them. */
const KEYS: readonly CacheKey[] = Array.from({ length: 30 }, (_, job) =>
  cacheKey(
    logPrefix({
      tenant: createTenancy({ secret: "s", upstream: "u" }).tenant,
      projectId: "p",
      jobId: `job-${job}`,
      filter: "",
      language: "any",
    }),
    "r0",
  ),
);

/** Whether each key can be written and read, wherever it is. */
async function serves(gate: RedisGate): Promise<boolean> {
  const written = await Promise.all(
    KEYS.map((key) => gate.run(key, (client) => client.set(key, "value", "PX", 60_000))),
  );
  const read = await Promise.all(KEYS.map((key) => gate.run(key, (client) => client.get(key))));
  return written.every((reply) => reply === "OK") && read.every((reply) => reply === "value");
}

const isDown = (fault: string): Promise<void> =>
  eventually(() => messages.states.some(({ state, fault: told }) => state === "down" && told === fault));
const isServing = (gate: RedisGate): Promise<void> => eventually(() => serves(gate));

test("a single Redis is found, with its version", async () => {
  const redis = await RedisServer.start();
  stops.push(() => redis.stop());
  const gate = await connected(redis.url);
  await isServing(gate);
  expect(gate.isSingle).toBe(true);
  await eventually(() => messages.found.length > 0);
  expect(messages.found).toEqual([{ kind: "single", product: "redis", version: VERSION, nodes: 1 }]);
});

test("one URL of a cluster is used as a cluster", async () => {
  const [node] = await cluster();
  const gate = await connected(node?.url ?? "");
  await isServing(gate);
  expect(gate.isSingle).toBe(false);
  await eventually(() => messages.found.length > 0);
  expect(messages.found).toEqual([{ kind: "cluster", product: "redis", version: VERSION, nodes: 3 }]);
  expect(messages.states.filter(({ state }) => state === "down")).toEqual([]);
});

test("a cluster whose seeds are host names is used", async () => {
  const servers = await cluster();
  const gate = await connected(servers.map(({ port }) => `redis://localhost:${port}`).join());
  await isServing(gate);
});

test("a cluster that is down at the start is used when it is up", async () => {
  const servers = await cluster();
  await Promise.all(servers.map((server) => server.kill()));
  const gate = await connected(servers.map(({ port }) => `redis://localhost:${port}`).join());
  await isDown("ECONNREFUSED");
  await Promise.all(servers.map((server) => server.restart()));
  await isServing(gate);
});

test("a cluster is used again after all of its nodes were lost", async () => {
  const servers = await cluster();
  const gate = await connected(servers.map(({ url }) => url).join());
  await isServing(gate);
  await Promise.all(servers.map((server) => server.kill()));
  await eventually(async () => !(await serves(gate)) && messages.states.at(-1)?.state === "down");
  await Promise.all(servers.map((server) => server.restart()));
  await isServing(gate);
});

test.each([
  ["one URL", 1],
  ["all URLs", 3],
])("a wrong password for a cluster is reported, with %s", async (_name, count) => {
  const servers = await cluster();
  for (const server of servers) {
    const client = server.client();
    await client.config("SET", "requirepass", "hunter2");
    client.disconnect();
  }
  const urls = servers.slice(0, count).map(({ port }) => `redis://:wrong@127.0.0.1:${port}`);
  await connected(urls.join());
  await isDown("WRONGPASS");
});

test("a certificate of an unknown CA is reported for a cluster", async () => {
  const servers = await cluster(makeCertificate("DNS:localhost"));
  await connected(servers.map(({ url }) => url).join());
  await isDown("DEPTH_ZERO_SELF_SIGNED_CERT");
});

test("several URLs of a Redis that is not a cluster are reported", async () => {
  const redis = await RedisServer.start();
  stops.push(() => redis.stop());
  await connected(`${redis.url},${redis.url}`);
  await isDown("CLUSTER_DISABLED");
});

test.each([
  ["has never met another one", []],
  ["hides its address", ["--cluster-preferred-endpoint-type", "unknown-endpoint"]],
])("a cluster whose node %s is reported, and used when it announces its address", async (_name, args) => {
  const redis = await RedisServer.start(["--cluster-enabled", "yes", ...args]);
  stops.push(() => redis.stop());
  const client = redis.client();
  stops.push(() => {
    client.disconnect();
  });
  await client.cluster("ADDSLOTSRANGE", 0, 16_383);
  await eventually(async () => (await client.cluster("INFO")).includes("cluster_state:ok"));
  const gate = await connected(redis.url);
  await isDown("CLUSTER_WITHOUT_HOSTS");
  await client.config("SET", "cluster-announce-ip", "127.0.0.1");
  await client.config("SET", "cluster-preferred-endpoint-type", "ip");
  await isServing(gate);
});

test("a server that closes each connection is reported", async () => {
  const closing = createServer((socket) => socket.end());
  closing.listen(0, "127.0.0.1");
  await once(closing, "listening");
  stops.push(() => closing.close());
  const { port } = closing.address() as AddressInfo;
  await connected(`redis://127.0.0.1:${port}`);
  await isDown("CLOSED");
});

test("Sentinel names the primary, also after a failover", async () => {
  const setup = await startSentinel();
  stops.push(() => setup.stop());
  const gate = await connected(`redis+sentinel://127.0.0.1:1,localhost:${setup.sentinelPort}/${MASTER}`);
  await isServing(gate);
  await eventually(() => messages.found.length > 0);
  expect(messages.found).toEqual([{ kind: "sentinel", product: "redis", version: VERSION, nodes: 2 }]);
  await setup.primary.kill();
  await isServing(gate);
  const client = setup.replica.client();
  stops.push(() => {
    client.disconnect();
  });
  expect(await client.dbsize()).toBe(KEYS.length);
});

test("a password is for the primary and for Sentinels that ask for one", async () => {
  const setup = await startSentinel({ password: "hunter2" });
  stops.push(() => setup.stop());
  const gate = await connected(`redis+sentinel://:hunter2@127.0.0.1:${setup.sentinelPort}/${MASTER}/2`);
  await isServing(gate);
  await connected(`redis+sentinel://:wrong@127.0.0.1:${setup.sentinelPort}/${MASTER}`);
  await isDown("WRONGPASS");
});

test("Sentinels may have credentials other than those of the Redis", async () => {
  const setup = await startSentinel({ password: "hunter2", sentinelPassword: "other&secret" });
  stops.push(() => setup.stop());
  const url = `redis+sentinel://:hunter2@127.0.0.1:${setup.sentinelPort}/${MASTER}/2`;
  const gate = await connected(`${url}?sentinelUsername=default&sentinelPassword=other%26secret`);
  await isServing(gate);
  await connected(`${url}?sentinelPassword=hunter2`);
  await isDown("WRONGPASS");
});

test("Sentinels without a password ignore one", async () => {
  const setup = await startSentinel({ password: "hunter2", sentinelPassword: null });
  stops.push(() => setup.stop());
  const url = `redis+sentinel://:hunter2@127.0.0.1:${setup.sentinelPort}/${MASTER}`;
  await isServing(await connected(url));
  await isServing(await connected(`${url}?sentinelPassword=`));
});

test("Sentinels that are down, or do not know the name, are reported", async () => {
  const setup = await startSentinel();
  stops.push(() => setup.stop());
  await connected(`redis+sentinel://127.0.0.1:${await freePort()}/${MASTER}`);
  await isDown("ECONNREFUSED");
  await connected(`redis+sentinel://127.0.0.1:${setup.sentinelPort}/another-name`);
  await isDown("NO_MASTER");
});

test("a full Redis that evicts nothing refuses writes, and still answers reads", async () => {
  const redis = await RedisServer.start();
  stops.push(() => redis.stop());
  const gate = await connected(redis.url);
  await isServing(gate);
  const client = redis.client();
  stops.push(() => {
    client.disconnect();
  });
  await client.config("SET", "maxmemory-policy", "noeviction");
  await client.config("SET", "maxmemory", "1");
  expect(await serves(gate)).toBe(false);
  expect(new Set(messages.faults)).toEqual(new Set(["OOM"]));
  const [key] = KEYS as [CacheKey];
  expect(await gate.run(key, (reader) => reader.get(key))).toBe("value");
  expect(messages.states.at(-1)?.state).toBe("up");
});
