import { type CacheMessages, subscribe } from "../../../src/cache/channels.js";

/** The messages that the gates of this process have published about Redis. */
export type RedisMessages = {
  readonly states: CacheMessages["gateway:cache:redis"][];
  readonly found: CacheMessages["gateway:cache:redis-found"][];
  readonly faults: string[];
  end(): void;
};

export function recordRedis(): RedisMessages {
  const states: CacheMessages["gateway:cache:redis"][] = [];
  const found: CacheMessages["gateway:cache:redis-found"][] = [];
  const faults: string[] = [];
  const ends = [
    subscribe("gateway:cache:redis", (message) => states.push(message)),
    subscribe("gateway:cache:redis-found", (message) => found.push(message)),
    subscribe("gateway:cache:redis-command", ({ fault }) => {
      if (fault !== null) faults.push(fault);
    }),
  ];
  return {
    states,
    found,
    faults,
    end: () => {
      for (const end of ends) end();
    },
  };
}
