import { channel, subscribe } from "node:diagnostics_channel";

/** How one read of a block was answered. */
export type CacheOutcome =
  /** From this process's memory. */
  | "memory"
  /** By waiting for a read that another had started. */
  | "joined"
  /** By asking the upstream. */
  | "upstream"
  /** By asking the upstream past a value that was still alive but could not be trusted. */
  | "bypassed";

/** What is published for each read of a block. */
export type CacheRead = { readonly requestId: string; readonly part: string; readonly outcome: CacheOutcome };

const CACHE_READ = "modelarts-events:cache-read";
const cacheReads = channel(CACHE_READ);

/** Tells whoever listens how a read was answered. */
export function publishCacheRead(read: CacheRead): void {
  if (cacheReads.hasSubscribers) cacheReads.publish(read);
}

/** Calls `listener` for each read of a block from now on. */
export function onCacheRead(listener: (read: CacheRead) => void): void {
  subscribe(CACHE_READ, (message) => {
    listener(message as CacheRead);
  });
}
