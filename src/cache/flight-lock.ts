import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { unpackEntry } from "./entry.js";
import { type CacheKey } from "./keys.js";
import { type MemoryStore } from "./memory-store.js";
import { type RedisGate } from "./redis/redis-gate.js";
import { FIND_OR_LOCK, KEEP_LOCK, UNLOCK } from "./redis/redis-scripts.js";

/**
 * What a flight should do: take what another process has read, which now is near, or read and then leave.
 * `waited`: the other was reading it in this very moment.
 */
export type Turn =
  { readonly kind: "found"; readonly waited: boolean } | { readonly kind: "own"; readonly leave: () => void };

/** What a flight is about to read: the key it will write, and the earliest moment that is late enough. */
type TurnWant = {
  readonly key: CacheKey;
  readonly lockKey: CacheKey;
  readonly sinceMs: number;
  readonly signal: AbortSignal;
};

/** Lets one process read while the others wait for its value. */
export type FlightLock = (want: TurnWant) => Promise<Turn>;

/** The only process there is, or none that can be asked about others, always has its turn. */
export const noLock: FlightLock = () => Promise.resolve({ kind: "own", leave: () => undefined });

/** A lock outlives its owner's last sign of life by this long at most, in milliseconds. */
const LOCK_MS = 1_000;
const SIGN_OF_LIFE_MS = 300;
/** How often a loser looks again: soon at first, in milliseconds. */
const LOOK_FIRST_MS = 3;
const LOOK_MAX_MS = 25;
/** A wait is given up no earlier than this, in milliseconds. */
const WAIT_MIN_MS = 100;
/** How long a read may take, as long as this process has made none, in milliseconds: one try's usual limit. */
const FIRST_GUESS_MS = 5_000;
/** A slow read is forgotten by this factor with each read after it. */
const FORGET = 0.9;

/**
 * A lock in Redis with a random token, so that its owner alone can give it back. Who finds it taken looks for the
 * owner's value, but never longer than reading has lately taken this process itself, and then reads without the lock.
 * While Redis is not asked there is no lock and no wait.
 * @param firstGuessMs stands for what reading has taken before there was any, in milliseconds
 */
export function createFlightLock(
  gate: Pick<RedisGate, "ask">,
  near: Pick<MemoryStore, "adopt">,
  nowMs: () => number,
  firstGuessMs = FIRST_GUESS_MS,
): FlightLock {
  let slowestMs: number | null = null;
  const own = (lockKey: CacheKey, token: string): Turn => {
    const beganAt = performance.now();
    const alive = setInterval(() => {
      void gate.ask(lockKey, (client) => client.eval(KEEP_LOCK, 1, lockKey, token, LOCK_MS));
    }, SIGN_OF_LIFE_MS);
    alive.unref();
    const leave = (): void => {
      clearInterval(alive);
      slowestMs = Math.max(performance.now() - beganAt, (slowestMs ?? 0) * FORGET);
      void gate.ask(lockKey, (client) => client.eval(UNLOCK, 1, lockKey, token));
    };
    return { kind: "own", leave };
  };
  return async ({ key, lockKey, sinceMs, signal }) => {
    const token = randomBytes(12).toString("base64url");
    const beganAt = performance.now();
    const since = Math.max(0, Math.floor(sinceMs)).toString().padStart(13, "0");
    for (let pauseMs = LOOK_FIRST_MS; ; pauseMs = Math.min(LOOK_MAX_MS, pauseMs * 1.5)) {
      const reply: unknown = await gate.ask(key, (client) =>
        client.callBuffer("eval", FIND_OR_LOCK, 2, key, lockKey, since, token, LOCK_MS),
      );
      if (reply === 1) return own(lockKey, token);
      const entry = unpackEntry(reply, nowMs());
      if (entry !== null) {
        near.adopt(key, entry);
        return { kind: "found", waited: pauseMs > LOOK_FIRST_MS };
      }
      const isOthers = reply === 0;
      const limitMs = Math.max(WAIT_MIN_MS, slowestMs ?? firstGuessMs);
      if (!isOthers || performance.now() - beganAt + pauseMs > limitMs)
        return noLock({ key, lockKey, sinceMs, signal });
      await wait(pauseMs, undefined, { signal });
    }
  };
}
