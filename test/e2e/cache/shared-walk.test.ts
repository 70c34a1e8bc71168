import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type BlockStore } from "../../../src/cache/block-store.js";
import { createFlightLock } from "../../../src/cache/flight-lock.js";
import { createMemoryStore } from "../../../src/cache/memory-store.js";
import { type RedisGate } from "../../../src/cache/redis/redis-gate.js";
import { createRedisStore } from "../../../src/cache/redis/redis-store.js";
import { createTieredStore } from "../../../src/cache/tiered-store.js";
import { faultsOf } from "../../support/virtual/exactly-once.js";
import { RedisServer } from "../../support/redis/redis.js";
import { redisGate } from "../../support/redis/redis-gates.js";
import { CHANGES, play, type Scenario, scenarios, type Stage } from "../../support/virtual/scenario.js";
import { VirtualGateway } from "../../support/virtual/virtual-gateway.js";
import { VirtualModelArts } from "../../support/virtual/virtual-modelarts.js";

const RUNS = 150;

let redis: RedisServer;
let gates: readonly [RedisGate, RedisGate];
/** The number of reads of a process that Redis answered. */
let found: number;

beforeAll(async () => {
  redis = await RedisServer.start();
  gates = [0, 1].map(() => redisGate([redis.url])) as unknown as typeof gates;
  await Promise.all(gates.map((gate) => gate.connect(60_000)));
});

afterAll(async () => {
  for (const gate of gates) gate.close();
  await redis.stop();
});

/** Two processes with memories of their own in front of one Redis, on the clock of one virtual upstream. */
function sharedStage({ unit }: Scenario): Stage {
  const upstream = new VirtualModelArts();
  const name = randomUUID();
  const nowMs = (): number => upstream.nowMs;
  const gatewayAt = (gate: RedisGate): VirtualGateway => {
    const memory = createMemoryStore({ maxBytes: 1_000_000, nowMs });
    const far = createRedisStore(gate, nowMs);
    const counted: BlockStore = {
      ...far,
      getMany: async (...asked) => {
        const entries = await far.getMany(...asked);
        found += entries.filter((entry) => entry !== null).length;
        return entries;
      },
    };
    const store = createTieredStore(memory, counted, nowMs);
    return new VirtualGateway(upstream, unit, {
      shared: { store, lock: createFlightLock(gate, memory, nowMs), name },
    });
  };
  return {
    jobs: upstream.simulation.jobs,
    pause: (ms) => {
      upstream.nowMs += ms;
    },
    gateways: [gatewayAt(gates[0]), gatewayAt(gates[1])],
  };
}

test.each(["growing", "slipping", "trimming", "everything"] as const)(
  "a walk through two processes that share Redis meets each event exactly once (%s)",
  async (change) => {
    found = 0;
    await fc.assert(
      fc.asyncProperty(scenarios(CHANGES[change], fc.constant(null)), async (plan) => {
        expect(faultsOf(await play(plan, sharedStage(plan)), plan.filter)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
    expect(found).toBeGreaterThan(RUNS);
  },
);
