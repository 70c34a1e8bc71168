import { performance } from "node:perf_hooks";
import calculateSlot from "cluster-key-slot";
import { Cluster, type Redis } from "ioredis";
import { Breaker } from "../breaker.js";
import { publish } from "../channels.js";
import { type CacheKey } from "../keys.js";
import { type RedisClient } from "./redis-client.js";
import { withinLimit } from "../time-limit.js";

/** The limit of one command: what Redis may cost a request that waits for it, in milliseconds. */
const COMMAND_LIMIT_MS = 40;
/** Stands for the node of a slot that none is known to have. */
const UNKNOWN_NODE = "unknown";
/** The least time between two probes of a Redis that is not asked, in milliseconds. */
const PROBE_REST_MS = 500;

/**
 * The way to Redis. A fault never gets out of here; after a few, Redis is not asked any more, and probes in the
 * background, one at a time, find out when it can be again. In a cluster each node is judged for itself.
 */
export class RedisGate {
  readonly #breakers = new Map<string, Breaker>();
  #told: "up" | "down" | null = null;

  /** @param limitMs how long one command may take, in milliseconds */
  constructor(
    private readonly client: RedisClient,
    private readonly limitMs = COMMAND_LIMIT_MS,
  ) {
    client.on("ready", () => {
      this.#tell("up", null);
    });
    let fault: string | null = null;
    client.on("error", (error: unknown) => {
      fault = faultOf(error);
      // ioredis would go on in database 0, which may be somebody else's.
      if (isOfSelect(error)) client.disconnect();
    });
    client.on("close", () => {
      this.#tell("down", fault ?? "The connection is closed.");
      fault = null;
    });
  }

  /** Connects for as long as it takes; waits for that no longer than `limitMs`. */
  async connect(limitMs: number): Promise<void> {
    const { client } = this;
    const connected = client.connect().then(async () => {
      // A node of a cluster would else be connected by its first command, and that one fail.
      if (client instanceof Cluster) await Promise.all(client.nodes().map(connectNode));
    });
    if (client instanceof Cluster) client.on("+node", (node: Redis) => void connectNode(node));
    await withinLimit(limitMs, connected).catch(() => undefined);
  }

  close(): void {
    this.client.disconnect();
  }

  /** Whether Redis is one node only, so that a command may name any keys. */
  get isSingle(): boolean {
    return !(this.client instanceof Cluster);
  }

  /**
   * Runs one command on the node that has `key`.
   * @returns undefined on any fault, and at once while Redis is not asked
   */
  async ask<T>(key: CacheKey, command: (client: RedisClient) => Promise<T>): Promise<T | undefined> {
    if (this.client.status !== "ready") return undefined;
    const breaker = this.#breakerOf(key);
    if (breaker.isOpen) {
      if (breaker.takeProbe()) void this.#probe(breaker, key);
      return undefined;
    }
    try {
      const reply = await withinLimit(this.limitMs, command(this.client));
      breaker.succeeded();
      // After a failover nobody asks the primary that was down any more, so that no probe of it would tell.
      if (this.#told === "down") this.#tellIfAllAnswer();
      return reply;
    } catch (error) {
      if (breaker.failed()) this.#tell("down", faultOf(error));
      return undefined;
    }
  }

  async #probe(breaker: Breaker, key: CacheKey): Promise<void> {
    try {
      await withinLimit(this.limitMs, this.client.exists(key));
      breaker.probed(true);
      this.#tellIfAllAnswer();
    } catch {
      breaker.probed(false);
    }
  }

  #breakerOf(key: CacheKey): Breaker {
    const node =
      this.client instanceof Cluster
        ? (this.client.slots[calculateSlot(key)]?.[0] ?? UNKNOWN_NODE)
        : "single";
    const known = this.#breakers.get(node);
    if (known !== undefined) return known;
    this.#forgetFormerPrimaries();
    const breaker = new Breaker(PROBE_REST_MS, () => performance.now());
    this.#breakers.set(node, breaker);
    return breaker;
  }

  #tellIfAllAnswer(): void {
    this.#forgetFormerPrimaries();
    if (![...this.#breakers.values()].some(({ isOpen }) => isOpen)) this.#tell("up", null);
  }

  #forgetFormerPrimaries(): void {
    if (!(this.client instanceof Cluster)) return;
    const primaries = this.client.nodes("master").map(({ options: { host, port } }) => `${host}:${port}`);
    const current = new Set([...primaries, UNKNOWN_NODE]);
    for (const node of this.#breakers.keys()) if (!current.has(node)) this.#breakers.delete(node);
  }

  #tell(state: "up" | "down", fault: string | null): void {
    if (this.#told === state) return;
    this.#told = state;
    publish("gateway:cache:redis", { state, fault });
  }
}

async function connectNode(node: Redis): Promise<void> {
  await node.connect().catch(() => undefined);
  // It may have been connecting already.
  if (node.status !== "ready") await new Promise((resolve) => node.once("ready", resolve));
}

/** Whether a server has refused the database that it was asked for. */
function isOfSelect(error: unknown): boolean {
  if (!(error instanceof Error) || !("command" in error)) return false;
  const { command } = error;
  return typeof command === "object" && command !== null && "name" in command && command.name === "select";
}

/**
 * The first word of a reply such as `OOM command not allowed`, the network's code such as `ECONNREFUSED`, else the
 * error's name: none holds a key, a host or a password.
 */
function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return /^[A-Z]{3,}\b/.exec(error.message)?.[0] ?? code;
}
