import { type BlockStore } from "../block-store.js";
import { CLOCK_SKEW_MS, type Entry, packEntry, unpackEntry } from "../entry.js";
import { type CacheKey, tagOf, type Tenancy } from "../keys.js";
import { type RedisGate } from "./redis-gate.js";
import { SET_LATER } from "./redis-scripts.js";

/**
 * The store that all processes share. It checks the bytes that it reads. Bytes that are not an entry of this format are
 * a miss, and the next write replaces them.
 * @param nowMs a clock, in milliseconds since the epoch
 * @param channelOf the channel on which new content of a key is announced; null if no process subscribes
 */
export function createRedisStore(
  gate: RedisGate,
  nowMs: () => number,
  channelOf: Tenancy["channelOf"] | null = null,
): BlockStore {
  const read = async (keys: readonly CacheKey[]): Promise<Map<CacheKey, Entry>> => {
    const [first] = keys;
    const reply: unknown =
      first === undefined ? undefined : await gate.run(first, (client) => client.mgetBuffer(...keys));
    const found = new Map<CacheKey, Entry>();
    if (!Array.isArray(reply) || reply.length !== keys.length) return found;
    keys.forEach((key, index) => {
      const entry = unpackEntry(reply[index], nowMs());
      if (entry !== null) found.set(key, entry);
    });
    return found;
  };
  return {
    getMany: async (keys, optionalKeys = []) => {
      const all = [...keys, ...optionalKeys];
      const parts = gate.isSingle ? [all] : byTag(all);
      const found = await Promise.all(parts.map(read));
      return all.map((key) => {
        const entry = found.find((part) => part.has(key))?.get(key);
        return entry === undefined ? null : { entry, source: "redis" };
      });
    },
    isLocal: () => false,
    peek: () => null,
    set: (key, entry, isNews = false) => {
      const now = nowMs();
      const ttlMs = Math.floor(entry.keptUntilMs - now);
      if (ttlMs <= 0) return;
      const latestMs = now + CLOCK_SKEW_MS;
      const channel = isNews && channelOf !== null ? channelOf(key) : "";
      void gate.run(key, (client) =>
        client.eval(SET_LATER, 1, key, packEntry(entry), ttlMs, latestMs, channel),
      );
    },
  };
}

/** Groups keys by slot, because one command of a cluster may only have keys of one slot. */
function byTag(keys: readonly CacheKey[]): CacheKey[][] {
  const parts = new Map<string, CacheKey[]>();
  for (const key of keys) {
    const tag = tagOf(key);
    const part = parts.get(tag);
    if (part === undefined) parts.set(tag, [key]);
    else part.push(key);
  }
  return [...parts.values()];
}
