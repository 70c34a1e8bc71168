import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type Redis } from "ioredis";
import { packEntry } from "../../../src/cache/entry.js";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { askEvents, pageOf } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { RedisServer } from "../../support/redis/redis.js";

const TOKEN = "MIIsecret-of-alice-0123456789";
const JOBS = ["events-100", "events-1000", "one-second"];
const WHOLE_ENTRY = 56;

let simulator: Simulator;
let redis: RedisServer;
let client: Redis;
let gateways: GatewayProcess[];

beforeAll(async () => {
  redis = await RedisServer.start();
  client = redis.client();
});

afterAll(async () => {
  client.disconnect();
  await redis.stop();
});

beforeEach(async () => {
  await client.flushall();
  simulator = await startSimulator();
  simulator.set({ tokens: [{ token: TOKEN }] });
  gateways = [];
});

afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await simulator.close();
});

/** A gateway that has nothing in its memory. */
async function newGateway(): Promise<string> {
  const gateway = await startGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_PROJECT_ID: "demo-project",
    REDIS_URL: redis.url,
    // A new reading of the head may write more blocks, which no test reads later.
    CACHE_HEAD_TTL_MS: "3600000",
    LOG_LEVEL: "warn",
  });
  gateways.push(gateway);
  return gateway.url;
}

/** Pages of all jobs from several places. */
async function pagesFrom(url: string): Promise<unknown[]> {
  const pages: unknown[] = [];
  for (const id of JOBS) {
    for (const order of ["NEWEST_FIRST", "OLDEST_FIRST"]) {
      const page = pageOf(await askEvents(url, { id, order, first: 60 }, { "x-auth-token": TOKEN }));
      const after = page.pageInfo.endCursor;
      pages.push(
        page,
        pageOf(await askEvents(url, { id, order, first: 60, after }, { "x-auth-token": TOKEN })),
      );
    }
  }
  return pages;
}

/** All keys but locks, once nothing is written any more. */
async function keysAtRest(): Promise<string[]> {
  await eventually(async () => (await client.keys("*:lock*")).length === 0);
  return client.keys("*");
}

async function isEntry(key: string): Promise<boolean> {
  if ((await client.type(key)) !== "string") return false;
  const bytes = await client.getBuffer(key);
  return bytes !== null && bytes.length > WHOLE_ENTRY && bytes.toString("latin1", 0, 4) === "mae2";
}

test("every key has a time to live, and none contains a credential in its name or value", async () => {
  await pagesFrom(await newGateway());
  const keys = await keysAtRest();
  expect(keys.length).toBeGreaterThan(JOBS.length * 2);
  for (const key of keys) {
    expect(await client.pttl(key)).toBeGreaterThan(0);
    expect([key, (await client.get(key)) ?? ""].join()).not.toContain(TOKEN);
    expect(key).not.toMatch(/secret|alice/);
  }
});

const FUTURE_MS = Date.UTC(2100, 0, 1);

test.each<[string, (key: string, stored: Buffer) => Promise<unknown>]>([
  ["garbage", (key) => client.set(key, "garbage", "PX", 60_000)],
  ["an empty value", (key) => client.set(key, "", "PX", 60_000)],
  [
    "a truncated value",
    (key, stored) => client.set(key, stored.subarray(0, stored.length / 2), "PX", 60_000),
  ],
  ["a changed value", (key, stored) => client.set(key, changed(stored), "PX", 60_000)],
  [
    "an old format",
    (key, stored) => client.set(key, Buffer.concat([Buffer.from("mae1"), stored.subarray(4)]), "PX", 60_000),
  ],
  ["a value alone", (key, stored) => client.set(key, stored.subarray(WHOLE_ENTRY), "PX", 60_000)],
  [
    "well-packed JSON of another shape",
    (key) => client.set(key, packed(Buffer.from('{"total":1}')), "PX", 60_000),
  ],
  ["well-packed zeros", (key) => client.set(key, packed(Buffer.alloc(500)), "PX", 60_000)],
  ["something from the future", (key, stored) => client.set(key, fromFuture(stored), "PX", 60_000)],
  ["a list", (key) => client.del(key).then(() => client.rpush(key, "garbage"))],
  ["a hash without a time to live", (key) => client.del(key).then(() => client.hset(key, "garbage", "1"))],
])("%s under every key is ignored and replaced", async (_name, replace) => {
  const expected = await pagesFrom(await newGateway());
  const keys = await keysAtRest();
  for (const key of keys) await replace(key, (await client.getBuffer(key)) ?? Buffer.alloc(0));
  expect(await pagesFrom(await newGateway())).toEqual(expected);
  for (const key of keys) {
    await eventually(() => isEntry(key));
    await eventually(async () => (await client.pttl(key)) > 0);
  }
});

function changed(stored: Buffer): Buffer {
  const bytes = Buffer.from(stored);
  const at = Math.floor((WHOLE_ENTRY + bytes.length) / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

function packed(value: Buffer): Buffer {
  const readAtMs = Date.now();
  const keptUntilMs = readAtMs + 60_000;
  return packEntry({ readAtMs, freshMs: 60_000, keptUntilMs, receivedAtMs: readAtMs, value });
}

function fromFuture(stored: Buffer): Buffer {
  return packEntry({
    readAtMs: FUTURE_MS,
    freshMs: 60_000,
    keptUntilMs: FUTURE_MS + 60_000,
    receivedAtMs: FUTURE_MS,
    value: stored.subarray(WHOLE_ENTRY),
  });
}
