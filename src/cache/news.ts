import { type BlockStore } from "./block-store.js";
import { type CacheKey } from "./keys.js";

/** Is told that an entry has other content than before. @param readAtMs when that was read, since the epoch */
export type NewsListener = (readAtMs: number) => void;

/** Where processes tell one another of news. */
export type RemoteNews = {
  watch(key: CacheKey): void;
  unwatch(key: CacheKey): void;
};

/** Beyond so many keys a process hears only of its own news. */
const REMOTE_KEYS_MAX = 10_000;

/** Those who wait for later entries in this process. */
export class News {
  readonly #listeners = new Map<CacheKey, Set<NewsListener>>();

  /** @param remote null where no other process shares the cache */
  constructor(private readonly remote: RemoteNews | null) {}

  /**
   * Calls back with each later entry that has other content, once it is in the memory of this process.
   * @returns a function that ends it
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

  tell(key: CacheKey, readAtMs: number): void {
    const listeners = this.#listeners.get(key);
    if (listeners === undefined) return;
    for (const listener of [...listeners]) listener(readAtMs);
  }
}

/** The same store, whose news are told in this process. */
export function withNews(store: BlockStore, news: News): BlockStore {
  return {
    ...store,
    set: (key, entry, isNews) => {
      store.set(key, entry, isNews);
      if (isNews === true) news.tell(key, entry.readAtMs);
    },
  };
}
