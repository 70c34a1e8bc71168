import { type Redis } from "ioredis";
import { createRedisClient } from "../../../src/cache/redis/redis-client.js";
import { RedisConnection } from "../../../src/cache/redis/redis-connection.js";
import { RedisGate } from "../../../src/cache/redis/redis-gate.js";
import { redisTarget } from "../../../src/cache/redis/redis-url.js";

/**
 * A gate to the Redis at these URLs, not connected yet.
 * @param limitMs the time limit of one command: long, because a busy machine answers late
 * @param prepare gets each client before it connects
 */
export function redisGate(
  urls: readonly string[],
  limitMs = 60_000,
  prepare: (client: Redis) => void = () => undefined,
): RedisGate {
  const connection = new RedisConnection(redisTarget(urls), (target) => {
    const client = createRedisClient(target);
    prepare(client as Redis);
    return client;
  });
  return new RedisGate(connection, limitMs);
}
