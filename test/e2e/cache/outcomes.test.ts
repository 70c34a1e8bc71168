import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { type Answer, askEvents } from "../../support/processes/gateway-client.js";
import { startInProcessGateway, type InProcessGateway } from "../../support/processes/in-process-gateway.js";
import { metricOf } from "../../support/processes/load.js";
import { RedisServer } from "../../support/redis/redis.js";

const DEBUG = { "x-cache-debug": "1" };
const ID = "events-100";
/** Of a lifetime in which nothing ages while a test runs. */
const LONG_MS = "3600000";

let simulator: Simulator;
let gateways: InProcessGateway[];
let redis: RedisServer;

beforeEach(async () => {
  [simulator, redis] = await Promise.all([startSimulator(), RedisServer.start()]);
  gateways = [];
});

afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await Promise.all([simulator.close(), redis.stop()]);
});

async function start(env: Record<string, string> = {}): Promise<string> {
  const gateway = await startInProcessGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    REDIS_URL: redis.url,
    CACHE_HEAD_TTL_MS: LONG_MS,
    UPSTREAM_RETRIES: "0",
    LOG_LEVEL: "debug",
    ...env,
  });
  gateways.push(gateway);
  return gateway.url;
}

function outcomesOf({ extensions }: Answer<unknown>): string[] {
  const { reads } = extensions["cache"] as { reads: { part: string; outcome: string }[] };
  return reads.map(({ outcome }) => outcome);
}

describe("a caller with X-Cache-Debug", () => {
  test("sees upstream, then memory; and Redis in another gateway", async () => {
    const [first, second] = [await start(), await start()];
    expect(outcomesOf(await askEvents(first, { id: ID }, DEBUG))).toContain("upstream");
    expect(outcomesOf(await askEvents(first, { id: ID }, DEBUG))).toEqual(["memory"]);
    expect(outcomesOf(await askEvents(first, { id: ID }, DEBUG))).toEqual(["memory"]);
    expect(outcomesOf(await askEvents(second, { id: ID }, DEBUG))).toEqual(["redis"]);
    expect(simulator.calls.total).toBe(1);
  });

  test("sees nothing in production", async () => {
    const url = await start({ NODE_ENV: "production" });
    expect((await askEvents(url, { id: ID }, DEBUG)).extensions).toEqual({});
  });
});

test("without X-Cache-Debug a fresh page has no cache extension", async () => {
  const url = await start();
  expect((await askEvents(url, { id: ID })).extensions).toEqual({});
});

test("outcomes are counted and logged", async () => {
  const url = await start();
  await askEvents(url, { id: ID });
  await askEvents(url, { id: ID }, DEBUG);
  expect(await metricOf(url, 'cache_reads_total{outcome="upstream"}')).toBeGreaterThan(0);
  expect(await metricOf(url, 'cache_reads_total{outcome="memory"}')).toBeGreaterThan(0);
  expect(await metricOf(url, "cache_redis_up")).toBe(1);
  await eventually(() => gateways[0]?.log.some(({ outcome }) => outcome === "upstream") ?? false);
});

describe("while the upstream fails", () => {
  const fail = (status: number, code: string): void => {
    simulator.faults.add({ fault: { kind: "error", status, code }, times: null });
  };

  test("the last page is served, marked as stale for all callers", async () => {
    const url = await start({ CACHE_HEAD_TTL_MS: "1" });
    const seen = await askEvents(url, { id: ID });
    fail(503, "ModelArts.0001");
    await eventually(async () => "cache" in (await askEvents(url, { id: ID })).extensions);
    const stale = await askEvents(url, { id: ID });
    expect(stale).toMatchObject({ status: 200, errors: [], data: seen.data });
    expect(stale.extensions).toEqual({ cache: { stale: true, ageMs: expect.any(Number) as unknown } });
    expect(await metricOf(url, 'cache_reads_total{outcome="stale"}')).toBeGreaterThan(0);
  });

  test("a gateway that was just started serves it from Redis", async () => {
    const seen = await askEvents(await start({ CACHE_HEAD_TTL_MS: "1" }), { id: ID });
    const second = await start({ CACHE_HEAD_TTL_MS: "1" });
    fail(503, "ModelArts.0001");
    expect(await askEvents(second, { id: ID })).toMatchObject({ errors: [], data: seen.data });
  });

  test("no stale page is served without an earlier read, or after CACHE_STALE_MS", async () => {
    const url = await start({ CACHE_HEAD_TTL_MS: "1", CACHE_STALE_MS: "0" });
    await askEvents(url, { id: ID });
    fail(503, "ModelArts.0001");
    await eventually(async () => (await askEvents(url, { id: ID })).errors.length > 0);
    const { errors } = await askEvents(url, { id: "events-1" });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["UPSTREAM_UNAVAILABLE"]);
  });
});
