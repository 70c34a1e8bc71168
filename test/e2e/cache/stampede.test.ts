import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { askEvents, pageOf } from "../../support/processes/gateway-client.js";
import {
  type GatewayProcess,
  startGateway,
  type StartOptions,
} from "../../support/processes/gateway-process.js";
import { RedisServer } from "../../support/redis/redis.js";

const CLIENTS = 500;
const EVENTS = 100;

let simulator: Simulator;
let gateways: GatewayProcess[] = [];
let redis: RedisServer | null = null;

beforeEach(async () => {
  simulator = await startSimulator();
  // Less than after which the reading process has to say again that it is at work.
  simulator.set({ latencyMs: 200 });
});

afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  gateways = [];
  await redis?.stop();
  redis = null;
  await simulator.close();
});

async function start(
  count: number,
  env: Record<string, string> = {},
  options: StartOptions = {},
): Promise<void> {
  const settings = {
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    // Nothing ages until the last client has asked.
    CACHE_HEAD_TTL_MS: "3600000",
    LOG_LEVEL: "warn",
    ...env,
  };
  gateways = await Promise.all(Array.from({ length: count }, () => startGateway(settings, options)));
}

/** All clients ask at once, spread over the processes. */
async function stampede(): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: CLIENTS }, (_, client) =>
      askEvents(gateways[client % gateways.length]?.url ?? "", { id: `events-${EVENTS}`, first: 50 }),
    ),
  );
  for (const answer of answers) expect(pageOf(answer).totalCount).toBe(EVENTS);
}

describe(`${CLIENTS} identical cold queries at once cost`, () => {
  test("one call in one process", async () => {
    await start(1);
    await stampede();
    expect(simulator.calls.total).toBe(1);
  });

  test("one call over three processes that share Redis", async () => {
    redis = await RedisServer.start();
    await start(3, { REDIS_URL: redis.url }, { longLocks: true });
    await stampede();
    expect(simulator.calls.total).toBe(1);
  });

  test("one call for each process when Redis is down", async () => {
    redis = await RedisServer.start();
    await redis.kill();
    await start(3, { REDIS_URL: redis.url }, { redisTrouble: true });
    await stampede();
    expect(simulator.calls.total).toBeLessThanOrEqual(3);
  });
});
