import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { createFlightLock } from "../../../src/cache/flight-lock.js";
import { createMemoryStore } from "../../../src/cache/memory-store.js";
import { type RedisGate } from "../../../src/cache/redis/redis-gate.js";
import { createRedisStore } from "../../../src/cache/redis/redis-store.js";
import { createTieredStore } from "../../../src/cache/tiered-store.js";
import { lengthenLocks } from "../../support/redis/redis-lock-clock.js";
import { RedisServer } from "../../support/redis/redis.js";
import { redisGate } from "../../support/redis/redis-gates.js";
import { HEAD_TTL_MS, JOB, VirtualGateway } from "../../support/virtual/virtual-gateway.js";
import { VirtualModelArts } from "../../support/virtual/virtual-modelarts.js";

const EVERY_MS = 200;
const LAST_MS = 20_000;

let redis: RedisServer;
let gates: RedisGate[];
let upstream: VirtualModelArts;

beforeEach(async () => {
  redis = await RedisServer.start();
  upstream = new VirtualModelArts();
  gates = [0, 1].map(() => redisGate([redis.url], 60_000, lengthenLocks));
  await Promise.all(gates.map((gate) => gate.connect(60_000)));
});

afterEach(async () => {
  jest.restoreAllMocks();
  for (const gate of gates) gate.close();
  await redis.stop();
});

/** A process with its own memory in front of Redis, on the clock of the virtual upstream. */
function processAt(gate: RedisGate): VirtualGateway {
  const nowMs = (): number => upstream.nowMs;
  const memory = createMemoryStore({ maxBytes: 1_000_000, nowMs });
  const store = createTieredStore(memory, createRedisStore(gate, nowMs), nowMs);
  const lock = createFlightLock(gate, memory, nowMs);
  return new VirtualGateway(upstream, "row", { shared: { store, lock, name: "shared" } });
}

test("two processes that poll a running job share one call every four fifths of a lifetime", async () => {
  const startMs = upstream.nowMs - 1_000_000;
  const events = Array.from({ length: 150 }, (_, index) => ({ timeMs: startMs + index, message: "old" }));
  upstream.simulation.jobs.create(JOB.jobId, events);
  const processes = gates.map(processAt);
  for (let passedMs = 0; passedMs < LAST_MS; passedMs += EVERY_MS) {
    await Promise.all(processes.map((process) => process.readAll([{ first: 10 }, { first: 10 }])));
    upstream.nowMs += EVERY_MS;
    upstream.simulation.jobs.add(JOB.jobId, [{ message: "new" }]);
  }
  const { calls } = upstream.takeCalls();
  expect(calls).toBeLessThanOrEqual(LAST_MS / (0.8 * HEAD_TTL_MS) + 1);
  expect(calls).toBeGreaterThan(1);
});
