import { typedChannels } from "../common/typed-channels.js";
import { typedTracing } from "../common/typed-tracing.js";

/** The source of one read of a block or head. */
export type CacheOutcome =
  /** From this process's memory. */
  | "memory"
  /** From Redis. */
  | "redis"
  /** From a read that another caller had started, in this process or in another. */
  | "joined"
  /** From memory or Redis, with a renewal in the background (refresh-ahead). */
  | "refreshed"
  /** From the upstream. */
  | "upstream"
  /** From the last reading, because the upstream fails or is slow (stale-if-error). */
  | "stale"
  /** From the upstream, although a cached value existed that could not be trusted. */
  | "bypassed";

/**
 * One read of a block or head. `part` is its name within its log. `ageMs` is the age of a stale value, else null.
 */
type CacheReadMessage = {
  readonly requestId: string;
  readonly part: string;
  readonly outcome: CacheOutcome;
  readonly ageMs: number | null;
};

/** Redis accepts commands, or the gateway sends it none. `fault` is the last fault; it contains no credentials. */
type RedisMessage = { readonly state: "up" | "down"; readonly fault: string | null };

/** The server at REDIS_URL. `product` is `redis` or `valkey`, or `unknown` if the server does not report it. */
type RedisFoundMessage = {
  readonly kind: "single" | "cluster" | "sentinel";
  readonly product: string;
  readonly version: string | null;
  readonly nodes: number;
};

/** One command of Redis; `fault` is null for a reply. */
type RedisCommandMessage = { readonly durationMs: number; readonly fault: string | null };

/** The state of the subscription to other processes. `fault` is the last fault; it contains no credentials. */
type RedisNewsMessage = { readonly state: "up" | "down"; readonly fault: string | null };

/** The messages that the cache publishes on `node:diagnostics_channel`, by the name of the channel. */
export type CacheMessages = {
  "gateway:cache:read": CacheReadMessage;
  "gateway:cache:redis": RedisMessage;
  "gateway:cache:redis-found": RedisFoundMessage;
  "gateway:cache:redis-news": RedisNewsMessage;
  "gateway:cache:redis-command": RedisCommandMessage;
};

export const { publish, subscribe } = typedChannels<CacheMessages>();

/** A part of a log that is not in this process's memory; `outcome` is null until it is known. */
type TracedFetch = { readonly part: string; outcome: CacheOutcome | null };

export const tracedFetch = typedTracing<TracedFetch>("gateway:cache:fetch");
