import { type Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from "@jest/globals";
import { createFlightLock, type FlightLock, type Turn } from "../../../src/cache/flight-lock.js";
import { cacheKey, type CacheKey, createTenancy, logPrefix } from "../../../src/cache/keys.js";
import { createMemoryStore, type MemoryStore } from "../../../src/cache/memory-store.js";
import { type RedisGate } from "../../../src/cache/redis/redis-gate.js";
import { createRedisStore } from "../../../src/cache/redis/redis-store.js";
import { eventually } from "../../support/eventually.js";
import { lengthenLocks, LOCK_SECOND_MS } from "../../support/redis/redis-lock-clock.js";
import { RedisServer } from "../../support/redis/redis.js";
import { redisGate } from "../../support/redis/redis-gates.js";
import { stopIntervals } from "../../support/virtual/stopped-clock.js";

let server: RedisServer;
let client: Redis;
let gates: RedisGate[];
let locks: FlightLock[];
let memories: MemoryStore[];
let key: CacheKey;
let lockKey: CacheKey;
let sinceMs: number;
/** How many polls of each process Redis has answered. */
let polls: number[];
let series = 0;

/** After this time an owner has renewed its lock, in milliseconds. */
const RENEWAL_MS = 701;

beforeAll(async () => {
  server = await RedisServer.start();
  client = server.client();
});

afterAll(async () => {
  client.disconnect();
  await server.stop();
});

beforeEach(async () => {
  series += 1;
  sinceMs = Date.now() - 1_000;
  const prefix = logPrefix({
    tenant: createTenancy({ secret: "s", upstream: "u" }).tenant,
    projectId: "p",
    jobId: `j${series}`,
    filter: "",
    language: "any",
  });
  key = cacheKey(prefix, "r0");
  lockKey = cacheKey(prefix, "r0:lock");
  polls = [0, 0, 0];
  gates = polls.map((_none, process) =>
    redisGate([server.url], 60_000, (client) => {
      lengthenLocks(client, () => (polls[process] = (polls[process] ?? 0) + 1));
    }),
  );
  await Promise.all(gates.map((gate) => gate.connect(60_000)));
  memories = gates.map(() => createMemoryStore({ maxBytes: 1e6, nowMs: Date.now }));
  locks = gates.map((gate, index) => createFlightLock(gate, memoryOf(index), Date.now));
});

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  for (const gate of gates) gate.close();
});

function memoryOf(process: number): MemoryStore {
  const memory = memories[process];
  if (memory === undefined) throw new Error("There are three processes.");
  return memory;
}

const take = (process: number, signal = new AbortController().signal): Promise<Turn> => {
  const lock = locks[process];
  if (lock === undefined) throw new Error("There are three processes.");
  return lock({ key, lockKey, sinceMs, signal, deadlineMs: () => Number.POSITIVE_INFINITY });
};

/** Puts a value, and waits until it is there. */
async function put(text: string): Promise<void> {
  const [gate] = gates;
  if (gate === undefined) throw new Error("There are three processes.");
  const readAtMs = Date.now();
  createRedisStore(gate, Date.now).set(key, {
    readAtMs,
    freshMs: 2_000,
    keptUntilMs: readAtMs + 60_000,
    receivedAtMs: readAtMs,
    value: Buffer.from(text),
  });
  await gate.run(key, (connection) => connection.ping());
}

function leave(turn: Turn): void {
  if (turn.kind !== "own") throw new Error("The turn was another's.");
  turn.leave();
}

test("one process reads, the others get its value", async () => {
  const winner = await take(0);
  expect(winner.kind).toBe("own");
  // Each process has its own connection, so only Redis knows which came first.
  const losers = [take(1), take(2)];
  await eventually(() => polls.every((count) => count > 0));
  await put("value");
  leave(winner);
  expect(await Promise.all(losers)).toEqual([
    { kind: "found", waited: true },
    { kind: "found", waited: true },
  ]);
  expect([1, 2].map((process) => memoryOf(process).peek(key)?.value.toString())).toEqual(["value", "value"]);
});

test("an existing value needs no lock", async () => {
  await put("value");
  expect(await take(1)).toEqual({ kind: "found", waited: false });
  expect(await client.exists(lockKey)).toBe(0);
});

test("if the owner ends without a value, the next process gets the lock", async () => {
  leave(await take(0));
  const next = await take(1);
  expect(next.kind).toBe("own");
  expect(await client.exists(lockKey)).toBe(1);
  leave(next);
  await eventually(async () => (await client.exists(lockKey)) === 0);
});

test("a lock is released only by its owner", async () => {
  const turn = await take(0);
  await client.set(lockKey, "another's", "PX", LOCK_SECOND_MS);
  leave(turn);
  const [gate] = gates;
  await gate?.run(key, (connection) => connection.ping());
  expect(await client.get(lockKey)).toBe("another's");
});

test("a lock always expires, and is renewed while its owner works", async () => {
  stopIntervals();
  const turn = await take(0);
  const left = await client.pttl(lockKey);
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(LOCK_SECOND_MS);
  for (let time = 0; time < 3; time += 1) {
    await client.pexpire(lockKey, LOCK_SECOND_MS / 4);
    jest.advanceTimersByTime(RENEWAL_MS);
    await eventually(async () => (await client.pttl(lockKey)) > LOCK_SECOND_MS / 4);
  }
  leave(turn);
  expect(jest.getTimerCount()).toBe(0);
});

test("a dead owner delays others no longer than its lock", async () => {
  await client.set(lockKey, "dead", "PX", 50);
  const turn = await take(0);
  expect(turn.kind).toBe("own");
  leave(turn);
});

test.each([
  ["without an end", () => client.set(lockKey, "garbage")],
  ["of another type", () => client.lpush(lockKey, "garbage")],
  ["for years", () => client.set(lockKey, "garbage", "EX", 1e9)],
])("a forged lock %s is replaced", async (_name, plant) => {
  await plant();
  const turn = await take(0);
  expect(turn.kind).toBe("own");
  expect(await client.type(lockKey)).toBe("string");
  expect(await client.pttl(lockKey)).toBeGreaterThan(0);
  leave(turn);
});

test("a waiter that is aborted ends at once", async () => {
  const turn = await take(0);
  const abort = new AbortController();
  const waiting = take(1, abort.signal);
  abort.abort();
  await expect(waiting).rejects.toThrow();
  leave(turn);
});

test("without Redis each process reads at once", async () => {
  for (const gate of gates) gate.close();
  expect((await Promise.all([take(0), take(1), take(2)])).map(({ kind }) => kind)).toEqual([
    "own",
    "own",
    "own",
  ]);
});
