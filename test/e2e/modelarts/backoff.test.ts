import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { askEvents } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { atSteadyRate } from "../../support/processes/steady-rate.js";
import { RedisServer } from "../../support/redis/redis.js";

const EVERY_MS = 20;
const LAST_MS = 8_000;
const CALLERS = 5;

let simulator: Simulator;
let redis: RedisServer;
let gateways: GatewayProcess[];

beforeAll(async () => {
  [simulator, redis] = await Promise.all([startSimulator(), RedisServer.start()]);
  const settings = {
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "passthrough",
    MODELARTS_PROJECT_ID: "demo-project",
    REDIS_URL: redis.url,
    LOG_LEVEL: "error",
  };
  gateways = await Promise.all([startGateway(settings), startGateway(settings)]);
});

beforeEach(() => {
  simulator.reset();
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await Promise.all([redis.stop(), simulator.close()]);
});

/** Asks both gateways for a job up to 50 times a second. @returns the codes of all answers, and the time it took */
async function poll(id: string): Promise<{ codes: Set<string>; seconds: number }> {
  const startedMs = Date.now();
  const isGoing = (): boolean => Date.now() - startedMs < LAST_MS;
  const answers = await atSteadyRate(EVERY_MS, isGoing, (turn) => {
    const url = gateways[turn % gateways.length]?.url ?? "";
    return askEvents(url, { id, first: 5 }, { "x-auth-token": `MIIsecret-${turn % CALLERS}` });
  });
  const codes = new Set(answers.map(({ errors }) => errors[0]?.extensions.code ?? "good"));
  return { codes, seconds: (Date.now() - startedMs) / 1000 };
}

test("a throttled job costs no more calls than a healthy one, over two processes and five callers", async () => {
  const healthy = await poll("events-100");
  const healthyCalls = simulator.calls.total;
  expect(healthy.codes).toEqual(new Set(["good"]));
  simulator.calls.reset();
  simulator.faults.add({ fault: { kind: "error", status: 429 }, jobId: "events-101", times: null });
  const { codes, seconds } = await poll("events-101");
  expect(codes).toEqual(new Set(["RATE_LIMITED"]));
  // Pauses of 1, 2, 4, 8 s; a call of each process and caller may start before the first answer.
  const pauses = Math.floor(Math.log2(seconds + 1));
  expect(simulator.calls.total).toBeLessThanOrEqual(
    Math.max(healthyCalls, gateways.length * CALLERS + pauses),
  );
}, 120_000);

test("a missing job costs about a call a second, over two processes and five callers", async () => {
  const { codes, seconds } = await poll("no-such-job");
  expect(codes).toEqual(new Set(["TRAINING_JOB_NOT_FOUND"]));
  expect(simulator.calls.total).toBeLessThanOrEqual(3 * seconds);
}, 120_000);
