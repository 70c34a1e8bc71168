import { type BlockStore } from "./block-store.js";
import { type CacheKey } from "./keys.js";

/** Called when an entry has new content. @param readAtMs the time of its reading, in milliseconds since the epoch */
export type NewsListener = (readAtMs: number) => void;

/** Subscribes to new content that other processes store. */
export type RemoteNews = {
  watch(key: CacheKey): void;
  unwatch(key: CacheKey): void;
};

/** The maximum number of keys that a process watches for changes by other processes. */
const REMOTE_KEYS_MAX = 10_000;

/** The listeners of this process for new content of entries. */
export class News {
  readonly #listeners = new Map<CacheKey, Set<NewsListener>>();

  /** @param remote null if no other process shares the cache */
  constructor(private readonly remote: RemoteNews | null) {}

  /**
   * Calls the listener for each later entry with new content, after the entry is in the memory of this process.
   * @returns a function that ends the watch
   */
  watch(key: CacheKey, listener: NewsListener): () => void {
    const known = this.#listeners.get(key);
    const listeners = known ?? new Set();
    listeners.add(listener);
    if (known === undefined) {
      this.#listeners.set(key, listeners);
      if (this.#listeners.size <= REMOTE_KEYS_MAX) this.remote?.watch(key);
    }
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#listeners.get(key) !== listeners) return;
      this.#listeners.delete(key);
      this.remote?.unwatch(key);
    };
  }

  notify(key: CacheKey, readAtMs: number): void {
    const listeners = this.#listeners.get(key);
    if (listeners === undefined) return;
    for (const listener of [...listeners]) listener(readAtMs);
  }
}

/** Returns the store with a `set` that notifies the listeners of this process about new content. */
export function withNews(store: BlockStore, news: News): BlockStore {
  return {
    ...store,
    set: (key, entry, isNews) => {
      store.set(key, entry, isNews);
      if (isNews === true) news.notify(key, entry.readAtMs);
    },
  };
}
