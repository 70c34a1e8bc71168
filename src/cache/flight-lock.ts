import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { unpackEntry } from "./entry.js";
import { type CacheKey } from "./keys.js";
import { type MemoryStore } from "./memory-store.js";
import { type RedisGate } from "./redis/redis-gate.js";
import { FIND_OR_LOCK, KEEP_LOCK, UNLOCK } from "./redis/redis-scripts.js";

/**
 * The next step of a flight. `found`: it uses the value that another process has read, which is now in memory; `waited`
 * is true if it had to wait for that process. `own`: it reads the value itself, and then calls `leave`.
 */
export type Turn =
  { readonly kind: "found"; readonly waited: boolean } | { readonly kind: "own"; readonly leave: () => void };

/** The read that a flight wants to make: the key of its value, and the earliest time of a reading that it accepts. */
type TurnRequest = {
  readonly key: CacheKey;
  readonly lockKey: CacheKey;
  readonly sinceMs: number;
  readonly signal: AbortSignal;
  /** The end of the wait for another owner, in milliseconds since the epoch. */
  readonly deadlineMs: () => number;
};

/** Decides which process reads a value. The others wait for it. */
export type FlightLock = (request: TurnRequest) => Promise<Turn>;

/** The lock without Redis: each flight reads. */
export const noLock: FlightLock = () => Promise.resolve({ kind: "own", leave: () => undefined });

/** The first renewal of a lock by its owner, and the interval of later ones, in milliseconds. */
const FIRST_RENEWAL_MS = 10;
const RENEWAL_MS = 75;
/** The lifetime of a lock whose owner renews it on time, in milliseconds. */
const LOCK_MS = 350;
/**
 * The lifetime of a new lock and of one that was renewed late, in milliseconds. The owner's event loop may be busy with
 * a burst of requests, which delays the next renewal, too.
 */
const BUSY_LOCK_MS = 1_000;
/** A renewal that is later by more than this is late, in milliseconds. */
const LATE_MS = 15;
/** The pause between two polls for the owner's value grows from the first limit to the second, in milliseconds. */
const POLL_FIRST_MS = 3;
const POLL_MAX_MS = 25;
/** The number of failed polls in a row after which the lock counts as lost. */
const FAILED_POLLS_MAX = 3;

/**
 * A lock in Redis with a random token, so that only its owner can release it. The owner renews it while it reads, so
 * the lock of a dead owner ends within 350 ms, or within a second if the owner was busy. A process that finds the lock
 * taken waits for the owner's value while the owner is alive, up to its own deadline. While Redis is not in use, there
 * is no lock and no wait.
 */
export function createFlightLock(
  gate: Pick<RedisGate, "run">,
  local: Pick<MemoryStore, "adopt">,
  nowMs: () => number,
): FlightLock {
  const own = (lockKey: CacheKey, token: string): Turn => {
    let dueMs = nowMs() + FIRST_RENEWAL_MS;
    const renew = (): void => {
      const timeMs = nowMs();
      const lockMs = timeMs - dueMs > LATE_MS ? BUSY_LOCK_MS : LOCK_MS;
      dueMs = timeMs + RENEWAL_MS;
      void gate.run(lockKey, (client) => client.eval(KEEP_LOCK, 1, lockKey, token, lockMs));
    };
    const first = setTimeout(renew, FIRST_RENEWAL_MS);
    const later = setInterval(renew, RENEWAL_MS);
    first.unref();
    later.unref();
    const leave = (): void => {
      clearTimeout(first);
      clearInterval(later);
      void gate.run(lockKey, (client) => client.eval(UNLOCK, 1, lockKey, token));
    };
    return { kind: "own", leave };
  };
  return async (request) => {
    const { key, lockKey, sinceMs, signal, deadlineMs } = request;
    const token = randomBytes(12).toString("base64url");
    const since = Math.max(0, Math.floor(sinceMs)).toString().padStart(13, "0");
    let failedPolls = 0;
    for (let pauseMs = POLL_FIRST_MS; ; pauseMs = Math.min(POLL_MAX_MS, pauseMs * 1.5)) {
      // The gate sends nothing while Redis is not in use.
      const poll = { isSent: false };
      const reply: unknown = await gate.run(key, (client) => {
        poll.isSent = true;
        return client.callBuffer("eval", FIND_OR_LOCK, 2, key, lockKey, since, token, BUSY_LOCK_MS);
      });
      if (reply === 1) return own(lockKey, token);
      const entry = unpackEntry(reply, nowMs());
      if (entry !== null) {
        local.adopt(key, entry);
        return { kind: "found", waited: pauseMs > POLL_FIRST_MS };
      }
      failedPolls = reply === 0 ? 0 : failedPolls + 1;
      const isLost = reply !== 0 && (!poll.isSent || failedPolls >= FAILED_POLLS_MAX);
      if (isLost || Date.now() >= deadlineMs()) return noLock(request);
      await wait(pauseMs, undefined, { signal });
    }
  };
}
