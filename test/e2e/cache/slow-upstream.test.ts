import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { askEvents, pageOf } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { RedisServer } from "../../support/redis/redis.js";

const CLIENTS = 210;
const SLOW_MS = 1_500;

let simulator: Simulator;
let gateways: GatewayProcess[];
let redis: RedisServer;

beforeEach(async () => {
  simulator = await startSimulator();
  redis = await RedisServer.start();
  const settings = {
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    CACHE_HEAD_TTL_MS: "60000",
    LOG_LEVEL: "warn",
    REDIS_URL: redis.url,
  };
  gateways = await Promise.all([0, 1, 2].map(() => startGateway(settings)));
  // Each process has made fast reads before the upstream turns slow.
  for (const { url } of gateways) {
    for (const id of ["events-101"]) pageOf(await askEvents(url, { id, first: 20 }));
  }
  simulator.set({ latencyMs: SLOW_MS });
});

afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await redis.stop();
  await simulator.close();
});

const urlOf = (client: number): string => gateways[client % gateways.length]?.url ?? "";

test.each([
  ["events-100", 1],
  ["events-1000", 2],
])(
  "cold queries of %s through three processes cost %d calls once the upstream turns slow",
  async (id, calls) => {
    const before = simulator.calls.total;
    const answers = await Promise.all(
      Array.from({ length: CLIENTS }, (_, client) => askEvents(urlOf(client), { id, first: 50 })),
    );
    for (const answer of answers) expect(pageOf(answer).edges).toHaveLength(50);
    expect(simulator.calls.total - before).toBe(calls);
  },
);

test("if the reading process is killed, another one reads and all answer", async () => {
  const before = simulator.calls.total;
  const dying = askEvents(urlOf(0), { id: "events-100", first: 50 }).catch(() => null);
  await eventually(() => simulator.calls.total > before);
  const waiting = [1, 2].map((client) => askEvents(urlOf(client), { id: "events-100", first: 50 }));
  gateways[0]?.signal("SIGKILL");
  for (const answer of await Promise.all(waiting)) expect(pageOf(answer).totalCount).toBe(100);
  await dying;
  expect(simulator.calls.total - before).toBe(2);
});
