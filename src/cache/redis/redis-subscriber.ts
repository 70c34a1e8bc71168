import { type Redis } from "ioredis";
import { publish } from "../channels.js";
import { faultOf } from "./redis-fault.js";

/** The limits of the growing pause between two tries to connect, in milliseconds. */
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 1_000;
/** The pause after a refused subscription, for example by a proxy without pub/sub, in milliseconds. */
const REFUSED_MS = 30_000;
/** The interval of pings, in milliseconds. They detect a dead connection, because messages may be rare. */
const PING_MS = 5_000;
/** The maximum number of channels in one command. */
const CHUNK = 500;

/**
 * Subscribes to channels on a separate connection. The connection is opened with the first channel and replaced when it
 * is lost. Messages are missed while it is down.
 */
export class RedisSubscriber {
  readonly #channels = new Set<string>();
  #client: Redis | null = null;
  /** Whether the connection accepts commands. */
  #isOpen = false;
  #failures = 0;
  #retry: NodeJS.Timeout | null = null;
  #ping: NodeJS.Timeout | null = null;
  #published: "up" | "down" | null = null;
  #isClosed = false;

  /** @param connect makes a client that is not connected yet and does not reconnect; null while Redis is not in use */
  constructor(
    private readonly connect: () => Redis | null,
    private readonly onMessage: (channel: string, message: string) => void,
  ) {}

  add(channel: string): void {
    if (this.#channels.has(channel)) return;
    this.#channels.add(channel);
    if (this.#client === null) this.#open();
    else if (this.#isOpen) void this.#subscribe(this.#client, [channel]);
  }

  remove(channel: string): void {
    if (!this.#channels.delete(channel) || !this.#isOpen) return;
    this.#client?.unsubscribe(channel).catch(() => undefined);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#client?.disconnect();
  }

  #open(): void {
    if (this.#client !== null || this.#retry !== null || this.#isClosed || this.#channels.size === 0) return;
    const client = this.connect();
    if (client === null) {
      this.#tryLater(this.#backoffMs());
      return;
    }
    this.#client = client;
    client.on("message", this.onMessage);
    // Without a listener an `error` event would end the process. The end of the connection follows.
    client.on("error", () => undefined);
    client.once("end", () => {
      this.#lost(client, "CLOSED", this.#backoffMs());
    });
    client.connect().then(
      () => {
        this.#isOpen = true;
        this.#ping = setInterval(() => void client.ping().catch(() => undefined), PING_MS).unref();
        void this.#subscribe(client, [...this.#channels]);
      },
      (error: unknown) => {
        this.#lost(client, faultOf(error), this.#backoffMs());
      },
    );
  }

  async #subscribe(client: Redis, channels: readonly string[]): Promise<void> {
    try {
      for (let at = 0; at < channels.length; at += CHUNK) {
        await client.subscribe(...channels.slice(at, at + CHUNK));
      }
      this.#failures = 0;
      this.#publish("up", null);
    } catch (error) {
      this.#lost(client, faultOf(error), REFUSED_MS);
    }
  }

  #lost(client: Redis, fault: string, pauseMs: number): void {
    if (client !== this.#client) return;
    if (this.#ping !== null) clearInterval(this.#ping);
    this.#client = null;
    this.#isOpen = false;
    client.disconnect();
    if (this.#isClosed) return;
    this.#publish("down", fault);
    this.#tryLater(pauseMs);
  }

  #tryLater(pauseMs: number): void {
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#open();
    }, pauseMs).unref();
  }

  /** Jitter keeps the processes of a fleet from reconnecting at the same moment. */
  #backoffMs(): number {
    this.#failures += 1;
    return Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.#failures) * (0.5 + Math.random() / 2);
  }

  #publish(state: "up" | "down", fault: string | null): void {
    if (this.#published === state) return;
    this.#published = state;
    publish("gateway:cache:redis-news", { state, fault });
  }
}
