import { afterEach, expect, jest, test } from "@jest/globals";
import { createFlightLock, type Turn } from "../../../src/cache/flight-lock.js";
import { cacheKey, createTenancy, logPrefix } from "../../../src/cache/keys.js";
import { type RedisClient } from "../../../src/cache/redis/redis-client.js";
import { createMemoryStore } from "../../../src/cache/memory-store.js";

const { tenant } = createTenancy({ secret: "a", upstream: "b" });
const prefix = logPrefix({ tenant, projectId: "p", jobId: "j", filter: "", language: "any" });

/** The reply to a poll that comes too late. */
const LATE = Symbol("late");

/**
 * Takes the lock while `replyTo` gives the reply to each poll; the deadline is over after `pollsMax` polls. Without
 * Redis, `replyTo` is null.
 */
async function takeTurn(
  replyTo: ((poll: number) => unknown) | null,
  pollsMax = Number.POSITIVE_INFINITY,
): Promise<{ turn: Turn; polls: number }> {
  let polls = 0;
  const gate = {
    run: async <T>(_key: unknown, command: (redis: RedisClient) => Promise<T>): Promise<T | undefined> => {
      polls += 1;
      if (replyTo === null) return undefined;
      const reply = replyTo(polls);
      const client = { callBuffer: () => Promise.resolve(reply) };
      const read = await command(client as unknown as RedisClient);
      return reply === LATE ? undefined : read;
    },
  };
  const lock = createFlightLock(gate, createMemoryStore({ maxBytes: 1_000, nowMs: Date.now }), Date.now);
  const turn = await lock({
    key: cacheKey(prefix, "a"),
    lockKey: cacheKey(prefix, "b"),
    sinceMs: 0,
    signal: new AbortController().signal,
    deadlineMs: () => (polls < pollsMax ? Number.POSITIVE_INFINITY : 0),
  });
  if (turn.kind === "own") turn.leave();
  return { turn, polls };
}

test("a flight waits for the owner of the lock up to its own deadline, however long a read takes", async () => {
  const { turn, polls } = await takeTurn(() => 0, 20);
  expect(turn.kind).toBe("own");
  expect(polls).toBe(20);
});

test("a poll that Redis answers too late does not end the wait for the owner", async () => {
  const { polls } = await takeTurn((poll) => (poll % 3 === 0 ? 0 : LATE), 9);
  expect(polls).toBe(9);
});

test("without Redis there is no wait", async () => {
  expect((await takeTurn(null)).polls).toBe(1);
});

/** Takes a lock, and returns the lifetime of each of its renewals. @param busyMs how long the event loop is busy then */
async function renewals(busyMs: number): Promise<readonly unknown[]> {
  jest.useFakeTimers();
  const lifetimes: unknown[] = [];
  const client = {
    callBuffer: (...sent: unknown[]) => {
      lifetimes.push(sent.at(-1));
      return Promise.resolve(1);
    },
    eval: (...sent: unknown[]) => {
      lifetimes.push(sent.at(-1));
      return Promise.resolve(1);
    },
  };
  let nowMs = 1_000;
  const gate = {
    run: <T>(_key: unknown, command: (redis: RedisClient) => Promise<T>) =>
      command(client as unknown as RedisClient),
  };
  const lock = createFlightLock(gate, createMemoryStore({ maxBytes: 1_000, nowMs: Date.now }), () => nowMs);
  const turn = await lock({
    key: cacheKey(prefix, "a"),
    lockKey: cacheKey(prefix, "b"),
    sinceMs: 0,
    signal: new AbortController().signal,
    deadlineMs: () => Infinity,
  });
  for (const ms of [10, 65, 75, 75]) {
    nowMs += ms + busyMs;
    jest.advanceTimersByTime(ms);
  }
  if (turn.kind === "own") turn.leave();
  expect(jest.getTimerCount()).toBe(0);
  return lifetimes.slice(0, -1);
}

afterEach(() => {
  jest.useRealTimers();
});

test("the lock of an owner that was killed at the start of its reading ends as soon as a later one", async () => {
  expect(await renewals(0)).toEqual([1_000, 350, 350, 350, 350]);
});

test("the lock of a busy owner lives longer, because its next renewal may be late, too", async () => {
  expect(await renewals(50)).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
});
