import { Cluster, type Redis } from "ioredis";
import { withinLimit } from "../time-limit.js";
import { createRedisClient, createSubscriber, type RedisClient } from "./redis-client.js";
import { faultOf, isClusterFault, isUnexplained } from "./redis-fault.js";
import { findFault, findServerInfo, readServerInfo, type ServerInfo } from "./redis-diagnostics.js";
import { type RedisTarget } from "./redis-url.js";

/** The server at REDIS_URL. `nodes` counts primaries and replicas. */
type FoundRedis = ServerInfo & { readonly kind: RedisTarget["kind"]; readonly nodes: number };

type Listener = {
  /** Called when the connection accepts commands. */
  readonly onUp: () => void;
  /** Called when the connection does not accept commands, possibly many times with the same fault. */
  readonly onDown: (fault: string) => void;
  /** Called once, after the connection accepted commands for the first time. */
  readonly onFound: (found: FoundRedis) => void;
};

/** The time limit of the check of a new connection, in milliseconds. */
const CHECK_LIMIT_MS = 1_000;
/** Faults after which the credentials may have changed. */
const CREDENTIAL_FAULTS: ReadonlySet<string> = new Set([
  "NOAUTH",
  "WRONGPASS",
  "NOPERM",
  "CLOSED",
  "CLUSTERDOWN",
]);
/** Two keys in different slots. Every node of a cluster refuses one command for both, so the check detects clusters. */
const CHECK_KEYS = ["mae:check:1", "mae:check:2"] as const;

/** Connects to the Redis of REDIS_URL, and reconnects without a limit. A single URL may turn out to be a cluster. */
export class RedisConnection {
  #target: RedisTarget;
  #client: RedisClient;
  #isUsable = false;
  #isFound = false;
  #isClosed = false;
  /** Whether the fault of the connection has been reported, or is being found, since it last accepted commands. */
  #hasFault = false;
  #listener: Listener = { onUp: () => undefined, onDown: () => undefined, onFound: () => undefined };
  #onSettled: (() => void) | null = null;

  /**
   * @param create makes a client that is not connected yet
   * @param changes returns the target if it has changed since the last call; else null
   */
  constructor(
    target: RedisTarget,
    private readonly create: (target: RedisTarget) => RedisClient = createRedisClient,
    private readonly changes: () => RedisTarget | null = () => null,
  ) {
    this.#target = target;
    this.#client = this.#watched(create(target));
  }

  /** The client for commands; null while none accepts them. */
  get client(): RedisClient | null {
    return this.#isUsable && this.#client.status === "ready" ? this.#client : null;
  }

  /** The cluster, whose slots decide on which node a key is; null for a Redis that accepts any keys in one command. */
  get cluster(): Cluster | null {
    return this.#client instanceof Cluster ? this.#client : null;
  }

  /** A further connection, for pub/sub, that is not connected yet; null while Redis takes no commands. */
  createSubscriber(): Redis | null {
    if (this.client === null) return null;
    const nodes = this.cluster?.nodes() ?? [];
    const { host, port } = nodes[Math.floor(Math.random() * nodes.length)]?.options ?? {};
    const node = host === undefined || port === undefined ? null : { host, port };
    return createSubscriber(this.#target, node);
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  /** Starts to connect. Waits for the first result, but not longer than `limitMs`. */
  async connect(limitMs: number): Promise<void> {
    const settled = new Promise<void>((resolve) => (this.#onSettled = resolve));
    this.#start();
    await withinLimit(limitMs, settled).catch(() => undefined);
  }

  close(): void {
    this.#isClosed = true;
    this.#client.disconnect();
  }

  /** Reports a failed command. If the fault shows that this Redis is a node of a cluster, connects to the cluster. */
  failed(fault: string): void {
    if (isClusterFault(fault)) this.#becomeCluster();
    else if (CREDENTIAL_FAULTS.has(fault)) this.#followChange();
  }

  #start(): void {
    this.#client.connect().catch(() => undefined);
  }

  #watched(client: RedisClient): RedisClient {
    client.on("ready", () => void this.#check(client));
    client.on("error", (error: unknown) => {
      void this.#lost(client, error);
      // Otherwise ioredis would continue in database 0, which may belong to another application.
      if (isSelectError(error)) client.disconnect();
    });
    client.on("close", () => void this.#lost(client, null));
    if (client instanceof Cluster) {
      // Do not connect nodes while ioredis discovers the cluster: it would wait for the end of connections that have
      // already ended, and never try again.
      client.on("+node", (node: Redis) => {
        if (client.status === "ready") void connected(node);
      });
    }
    return client;
  }

  /** Checks a ready connection. It may still refuse every command: without a password, while loading, or as a node. */
  async #check(client: RedisClient): Promise<void> {
    try {
      if (client instanceof Cluster) await Promise.all(client.nodes().map(connected));
      else await withinLimit(CHECK_LIMIT_MS, client.mget(...CHECK_KEYS));
    } catch (error) {
      if (isClusterFault(faultOf(error))) this.#becomeCluster();
      else {
        await this.#lost(client, error);
        client.disconnect(true);
      }
      return;
    }
    if (client !== this.#client || client.status !== "ready") return;
    this.#isUsable = true;
    this.#hasFault = false;
    this.#listener.onUp();
    this.#onSettled?.();
    if (!this.#isFound) await this.#find(client);
  }

  async #lost(client: RedisClient, error: unknown): Promise<void> {
    if (client !== this.#client || this.#isClosed) return;
    const wasUsable = this.#isUsable;
    this.#isUsable = false;
    if (this.#followChange()) return;
    // A `close` event after a reported error adds nothing. Without an error before it, it is the only sign of a fault.
    if (error === null && !wasUsable && this.#hasFault) return;
    this.#hasFault = true;
    const isPlain = this.#target.kind === "single" || wasUsable || (error !== null && !isUnexplained(error));
    const fault = isPlain ? faultOf(error) : await this.#cause();
    if (this.client !== null || client !== this.#client) return;
    this.#listener.onDown(fault);
    this.#onSettled?.();
  }

  async #cause(): Promise<string> {
    const fault = await findFault(this.#target);
    if (fault !== null) return fault;
    return this.#target.kind === "sentinel" ? "NO_MASTER" : "CLUSTERDOWN";
  }

  #becomeCluster(): void {
    if (this.#target.kind !== "single" || this.#isClosed) return;
    this.#replaceClient({ ...this.#target, kind: "cluster", database: 0 });
  }

  /** Connects with a changed URL. @returns whether it has changed */
  #followChange(): boolean {
    const target = this.#isClosed ? null : this.changes();
    if (target !== null) this.#replaceClient(target);
    return target !== null;
  }

  #replaceClient(target: RedisTarget): void {
    this.#isUsable = false;
    this.#hasFault = false;
    const former = this.#client;
    this.#target = target;
    this.#client = this.#watched(this.create(target));
    former.disconnect();
    this.#start();
  }

  async #find(client: RedisClient): Promise<void> {
    this.#isFound = true;
    const { kind } = this.#target;
    if (client instanceof Cluster) {
      const info = await findServerInfo(this.#target);
      this.#listener.onFound({ kind, ...info, nodes: client.nodes().length });
    } else if (kind === "sentinel") {
      const text = await client.info().catch(() => "");
      const replicas = Number(/^connected_slaves:(\d+)/m.exec(text)?.[1] ?? 0);
      this.#listener.onFound({ kind, ...readServerInfo(text), nodes: 1 + replicas });
    } else {
      this.#listener.onFound({ kind, ...(await findServerInfo(this.#target)), nodes: 1 });
    }
  }
}

/** Connects a node of a cluster, and waits until it is ready or has failed. */
async function connected(node: Redis): Promise<void> {
  if (node.status === "ready") return;
  const settled = new Promise<void>((resolve) => {
    for (const event of ["ready", "close", "end"]) node.once(event, resolve);
  });
  if (node.status === "wait") node.connect().catch(() => undefined);
  await settled;
}

/** Whether a server refused to select the database. */
function isSelectError(error: unknown): boolean {
  if (!(error instanceof Error) || !("command" in error)) return false;
  const { command } = error;
  return typeof command === "object" && command !== null && "name" in command && command.name === "select";
}
