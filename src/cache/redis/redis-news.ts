import { type CacheKey, type Tenancy } from "../keys.js";
import { type MemoryStore } from "../memory-store.js";
import { type BlockStore } from "../block-store.js";
import { type RemoteNews } from "../news.js";
import { type RedisConnection } from "./redis-connection.js";
import { RedisSubscriber } from "./redis-subscriber.js";

/** The parts that a {@link RedisNews} uses. */
type RedisNewsParts = {
  readonly connection: Pick<RedisConnection, "createSubscriber">;
  readonly channelOf: Tenancy["channelOf"];
  readonly local: Pick<MemoryStore, "peek" | "adopt">;
  readonly remote: Pick<BlockStore, "getMany">;
};

/** Receives messages about entries that other processes have written, and reads these entries into memory at once. */
export class RedisNews implements RemoteNews {
  readonly #keys = new Map<string, CacheKey>();
  /** The channels of watched keys. The secret that names channels may change while a key is watched. */
  readonly #channels = new Map<CacheKey, string>();
  readonly #subscriber: RedisSubscriber;

  /** @param notify called with the key of each entry that was fetched into memory */
  constructor(
    private readonly parts: RedisNewsParts,
    private readonly notify: (key: CacheKey, readAtMs: number) => void,
  ) {
    this.#subscriber = new RedisSubscriber(
      () => parts.connection.createSubscriber(),
      (channel, message) => void this.#heard(channel, Number(message)),
    );
  }

  watch(key: CacheKey): void {
    const channel = this.parts.channelOf(key);
    this.#keys.set(channel, key);
    this.#channels.set(key, channel);
    this.#subscriber.add(channel);
  }

  unwatch(key: CacheKey): void {
    const channel = this.#channels.get(key);
    this.#channels.delete(key);
    if (channel !== undefined && this.#keys.delete(channel)) this.#subscriber.remove(channel);
  }

  close(): void {
    this.#subscriber.close();
  }

  async #heard(channel: string, readAtMs: number): Promise<void> {
    const { local, remote } = this.parts;
    const key = this.#keys.get(channel);
    // An entry that this process has written itself is already in memory.
    if (key === undefined || !(readAtMs > (local.peek(key)?.readAtMs ?? 0))) return;
    const [found] = await remote.getMany([key]);
    if (found === undefined || found === null) return;
    local.adopt(key, found.entry);
    this.notify(key, found.entry.readAtMs);
  }
}
