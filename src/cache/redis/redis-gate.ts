import { performance } from "node:perf_hooks";
import calculateSlot from "cluster-key-slot";
import { Breaker } from "../breaker.js";
import { publish } from "../channels.js";
import { type CacheKey } from "../keys.js";
import { withinLimit } from "../time-limit.js";
import { type RedisClient } from "./redis-client.js";
import { type RedisConnection } from "./redis-connection.js";
import { faultOf, isRefusedWrite } from "./redis-fault.js";

/** The time limit of one command, in milliseconds. Redis can delay a request by no more than this. */
const COMMAND_LIMIT_MS = 40;
/** The name used for the node of a slot that no known node serves. */
const UNKNOWN_NODE = "unknown";
/** The shortest time between two probes while a circuit is open, in milliseconds. */
const PROBE_REST_MS = 500;

/**
 * Runs commands on Redis, and never throws. After a few faults a circuit breaker opens; then background probes, one at
 * a time, find out when to close it. Each node of a cluster has its own breaker.
 */
export class RedisGate {
  readonly #breakers = new Map<string, Breaker>();
  /** The last published state, and the faults published since Redis was last up. */
  #published: "up" | "down" | null = null;
  readonly #faults = new Set<string>();

  /** @param limitMs the time limit of one command, in milliseconds */
  constructor(
    private readonly connection: RedisConnection,
    private readonly limitMs = COMMAND_LIMIT_MS,
  ) {
    connection.listen({
      onUp: () => {
        this.#publishUp();
      },
      onDown: (fault) => {
        this.#publishDown(fault);
      },
      onFound: (found) => {
        publish("gateway:cache:redis-found", found);
      },
    });
  }

  /** Starts to connect, and waits for the result, but not longer than `limitMs`. */
  async connect(limitMs: number): Promise<void> {
    await this.connection.connect(limitMs);
  }

  close(): void {
    this.connection.close();
  }

  /** Whether one command may have keys of different slots; false for a cluster. */
  get isSingle(): boolean {
    return this.connection.cluster === null;
  }

  /**
   * Runs one command on the node that has `key`.
   * @returns undefined after any fault, and immediately while Redis is not in use
   */
  async run<T>(key: CacheKey, command: (client: RedisClient) => Promise<T>): Promise<T | undefined> {
    const { client } = this.connection;
    if (client === null) return undefined;
    const breaker = this.#breakerOf(key);
    if (breaker.isOpen) {
      if (breaker.takeProbe()) void this.#probe(client, breaker, key);
      return undefined;
    }
    const beganAt = performance.now();
    try {
      const reply = await withinLimit(this.limitMs, command(client));
      breaker.succeeded();
      publish("gateway:cache:redis-command", { durationMs: performance.now() - beganAt, fault: null });
      // After a failover, the former primary is no longer probed, so a good reply must be able to end the down state.
      if (this.#published === "down") this.#publishIfAllAnswer();
      return reply;
    } catch (error) {
      const fault = faultOf(error);
      publish("gateway:cache:redis-command", { durationMs: performance.now() - beganAt, fault });
      this.connection.failed(fault);
      // A full Redis, or a replica, still answers reads.
      if (isRefusedWrite(fault)) breaker.succeeded();
      else if (breaker.failed()) this.#publishDown(fault);
      return undefined;
    }
  }

  async #probe(client: RedisClient, breaker: Breaker, key: CacheKey): Promise<void> {
    try {
      await withinLimit(this.limitMs, client.exists(key));
      breaker.probed(true);
      this.#publishIfAllAnswer();
    } catch {
      breaker.probed(false);
    }
  }

  #breakerOf(key: CacheKey): Breaker {
    const { cluster } = this.connection;
    const node = cluster === null ? "single" : (cluster.slots[calculateSlot(key)]?.[0] ?? UNKNOWN_NODE);
    const known = this.#breakers.get(node);
    if (known !== undefined) return known;
    this.#forgetFormerPrimaries();
    const breaker = new Breaker(PROBE_REST_MS, () => performance.now());
    this.#breakers.set(node, breaker);
    return breaker;
  }

  #publishIfAllAnswer(): void {
    this.#forgetFormerPrimaries();
    if (![...this.#breakers.values()].some(({ isOpen }) => isOpen)) this.#publishUp();
  }

  #forgetFormerPrimaries(): void {
    const { cluster } = this.connection;
    if (cluster === null) return;
    const primaries = cluster.nodes("master").map(({ options: { host, port } }) => `${host}:${port}`);
    const current = new Set([...primaries, UNKNOWN_NODE]);
    for (const node of this.#breakers.keys()) if (!current.has(node)) this.#breakers.delete(node);
  }

  #publishUp(): void {
    this.#faults.clear();
    if (this.#published === "up") return;
    this.#published = "up";
    publish("gateway:cache:redis", { state: "up", fault: null });
  }

  /** Publishes each fault once, so that a second kind of fault during the same failure is known, too. */
  #publishDown(fault: string): void {
    if (this.#published === "down" && this.#faults.has(fault)) return;
    this.#published = "down";
    this.#faults.add(fault);
    publish("gateway:cache:redis", { state: "down", fault });
  }
}
