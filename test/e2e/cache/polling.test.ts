import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { askEvents, pageOf } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { RedisServer } from "../../support/redis/redis.js";

const CLIENTS = 50;
const EVERY_MS = 200;
const LAST_MS = 20_000;
const HEAD_TTL_MS = 2_000;
const JOB = { projectId: "demo-project", jobId: "watched" };

let simulator: Simulator;
let redis: RedisServer;
let gateways: GatewayProcess[];

beforeAll(async () => {
  [simulator, redis] = await Promise.all([startSimulator(), RedisServer.start()]);
  simulator.set({ latencyMs: 50 });
  const startMs = Date.now() - 1_000_000;
  simulator.jobs.create(
    JOB.jobId,
    Array.from({ length: 150 }, (_, index) => ({ timeMs: startMs + index, message: `event ${index}` })),
  );
  const settings = {
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: JOB.projectId,
    REDIS_URL: redis.url,
    // A call of a busy machine can take longer than a second; an older page may be shown then.
    CACHE_STALE_WAIT_MS: "3600000",
    LOG_LEVEL: "warn",
  };
  gateways = await Promise.all([startGateway(settings), startGateway(settings)]);
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await Promise.all([redis.stop(), simulator.close()]);
});

test("many pollers of a running job cause about one call for each lifetime, and see no old page", async () => {
  /** The number of events, and the time since which it holds. */
  const written = [{ atMs: Date.now(), count: 150 }];
  const countAt = (atMs: number): number =>
    written.reduce((count, one) => (one.atMs <= atMs ? Math.max(count, one.count) : count), 0);
  const startedMs = Date.now();
  const endMs = startedMs + LAST_MS;
  const write = async (): Promise<void> => {
    while (Date.now() < endMs) {
      const count = 1 + (written.at(-1)?.count ?? 0);
      simulator.jobs.add(JOB.jobId, [{ message: `event ${count}` }]);
      written.push({ atMs: Date.now(), count });
      await wait(EVERY_MS);
    }
  };
  const poll = async (url: string): Promise<void> => {
    let seen = 0;
    while (Date.now() < endMs) {
      const sentAtMs = Date.now();
      const { totalCount, nodes } = pageOf(await askEvents(url, { id: JOB.jobId, first: 10 }));
      expect(totalCount).toBeGreaterThanOrEqual(countAt(sentAtMs - HEAD_TTL_MS));
      expect(totalCount).toBeGreaterThanOrEqual(seen);
      expect(nodes[0]?.message).toBe(totalCount === 150 ? "event 149" : `event ${totalCount}`);
      seen = totalCount;
      await wait(EVERY_MS);
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, index) => poll(gateways[index % 2]?.url ?? ""));
  await Promise.all([write(), ...clients]);
  // The limits of each process alone, independent of the machine's speed; shared-polling.test.ts has those of both.
  const lifetimes = (Date.now() - startedMs) / (0.8 * HEAD_TTL_MS);
  expect(simulator.calls.total).toBeLessThanOrEqual(gateways.length * (lifetimes + 2));
  expect(simulator.calls.total).toBeGreaterThan(1);
});
