import { subscribe } from "../cache/channels.js";
import { LogLimit } from "./log-limit.js";
import { type Logger } from "./logger.js";
import { type Metrics } from "./metrics/metrics.js";

/** The shortest time between two log lines about the same fault of commands, in milliseconds. */
const FAULT_LOG_MS = 60_000;

/**
 * Counts and logs the messages of the cache. Channels belong to the process, so two gateways in one process see each
 * other's reads.
 * @returns a function that ends the observation
 */
export function observeCache(metrics: Metrics, logger: Logger): () => void {
  const limit = new LogLimit(FAULT_LOG_MS);
  const ends = [
    subscribe("gateway:cache:read", (message) => {
      metrics.countCacheRead(message.outcome);
      logger.debug(message, "A part of a log was read");
    }),
    subscribe("gateway:cache:redis", ({ state, fault }) => {
      metrics.redis.setUp(state === "up");
      if (state === "up") logger.info("Redis is used");
      else logger.warn({ fault }, "Redis is not used");
    }),
    subscribe("gateway:cache:redis-command", ({ durationMs, fault }) => {
      metrics.redis.observeCommand(durationMs, fault);
      const suppressed = fault === null ? null : limit.admit(fault);
      if (suppressed !== null) logger.warn({ fault, suppressed }, "A command of Redis failed");
    }),
    subscribe("gateway:cache:redis-news", ({ state, fault }) => {
      if (state === "up") logger.info("Redis pub/sub is used");
      else logger.warn({ fault }, "Redis pub/sub is not used: followed logs are read at their own pace");
    }),
    subscribe("gateway:cache:redis-found", (found) => {
      logger.info(found, "Redis was found");
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
