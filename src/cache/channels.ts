import { typedChannels } from "../common/typed-channels.js";

/** How one read of a block or head was answered. */
export type CacheOutcome =
  /** From this process's memory. */
  | "memory"
  /** From Redis. */
  | "redis"
  /** By waiting for a read that another had started, in this process or in another. */
  | "joined"
  /** From memory or Redis, and a read in the background was started to renew it. */
  | "refreshed"
  /** By asking the upstream. */
  | "upstream"
  /** By what was read last, since the upstream fails. */
  | "stale"
  /** By asking the upstream past a value that was still alive but could not be trusted. */
  | "bypassed";

/**
 * One read of a block or head. `part` names it among the parts of its log; `ageMs` is how old it is where it is from
 * after its lifetime, else null.
 */
type CacheReadMessage = {
  readonly requestId: string;
  readonly part: string;
  readonly outcome: CacheOutcome;
  readonly ageMs: number | null;
};

/** Redis takes commands, or is not asked. Holds no credentials; `fault` is the last thing that went wrong. */
type RedisMessage = { readonly state: "up" | "down"; readonly fault: string | null };

/** What the cache publishes on `node:diagnostics_channel`, by the channel's name. */
export type CacheMessages = {
  "gateway:cache:read": CacheReadMessage;
  "gateway:cache:redis": RedisMessage;
};

export const { publish, subscribe } = typedChannels<CacheMessages>();
