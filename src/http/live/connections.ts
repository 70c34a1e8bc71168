import {
  type LiveMetrics,
  type LiveRefusal,
  type LiveTransport,
} from "../../observability/metrics/live-metrics.js";

/** A live connection: a WebSocket or an event stream. */
export type LiveConnection = {
  readonly transport: LiveTransport;
  /**
   * Ends its subscriptions. Closes the connection so that its client reconnects, now or after its queries.
   * @returns whether no query runs any more
   */
  close(): boolean;
  /** Closes the connection without waiting for the client. */
  terminate(): void;
  /** Called repeatedly, at least once a second. */
  tick(nowMs: number): void;
};

/** The reason why a connection is refused. */
export type ConnectionRefusal = {
  readonly status: number;
  readonly code: "RATE_LIMITED" | "UPSTREAM_UNAVAILABLE";
  readonly message: string;
};

const FULL: ConnectionRefusal = {
  status: 503,
  code: "RATE_LIMITED",
  message: "Too many live connections are open.",
};
const CALLER_FULL: ConnectionRefusal = {
  status: 429,
  code: "RATE_LIMITED",
  message: "Too many live connections of this caller are open.",
};
const ADDRESS_FULL: ConnectionRefusal = {
  status: 429,
  code: "RATE_LIMITED",
  message: "Too many live connections of this address have not read events yet.",
};
const CLOSING: ConnectionRefusal = {
  status: 503,
  code: "UPSTREAM_UNAVAILABLE",
  message: "The gateway is shutting down.",
};

/** The limits of open connections. */
export type ConnectionLimits = {
  /** The maximum number of open connections. */
  readonly maxConnections: number;
  /** The maximum number of open connections of one caller. */
  readonly maxPerCaller: number;
};

/** After the gateway has closed a connection: the time for the client to close it, too, in milliseconds. */
const LEAVE_MS = 1_000;

/** The identity of a client, by which its connections are limited. */
export type ConnectionClient = {
  /** The key of the caller; null until it is known. */
  readonly caller: string | null;
  /** The network address of the client. */
  readonly address: string;
};

/**
 * All live connections of the process, with a limit for all and a limit for each caller. A caller can be invented, so
 * connections that have not read events yet are also limited for each address.
 */
export class LiveConnections {
  readonly #open = new Map<LiveConnection, ConnectionClient>();
  /** The connections that have not read events yet. */
  readonly #unverified = new Set<LiveConnection>();
  readonly #byCaller = new Map<string, number>();
  readonly #unverifiedByAddress = new Map<string, number>();
  readonly #ticks: NodeJS.Timeout;
  #isClosing = false;
  #whenEmpty: (() => void) | null = null;

  /** @param tickMs the interval of `tick` calls, in milliseconds */
  constructor(
    private readonly limits: ConnectionLimits,
    private readonly metrics: LiveMetrics,
    tickMs: number,
  ) {
    this.#ticks = setInterval(() => {
      const nowMs = Date.now();
      for (const connection of [...this.#open.keys()]) connection.tick(nowMs);
    }, tickMs);
    this.#ticks.unref();
  }

  /**
   * The reason to refuse a new connection; null if it is allowed. Up to half of all connections can have one address
   * without having read events: after the end of another process, all its clients arrive at once through one proxy.
   */
  refusalOf({ caller, address }: ConnectionClient): ConnectionRefusal | null {
    if (this.#isClosing) return this.#refused("closing", CLOSING);
    const { maxConnections, maxPerCaller } = this.limits;
    if (this.#open.size >= maxConnections) return this.#refused("full", FULL);
    if (caller !== null && this.#isCallerFull(caller)) return this.#refused("caller_full", CALLER_FULL);
    const unverified = this.#unverifiedByAddress.get(address) ?? 0;
    const isWithin = unverified < Math.max(maxPerCaller, maxConnections / 2);
    return isWithin ? null : this.#refused("address_full", ADDRESS_FULL);
  }

  /** @returns a function to be called when the connection has ended */
  add(connection: LiveConnection, client: ConnectionClient): () => void {
    this.#open.set(connection, client);
    this.#unverified.add(connection);
    if (client.caller !== null) change(this.#byCaller, client.caller, 1);
    change(this.#unverifiedByAddress, client.address, 1);
    this.metrics.addConnections(connection.transport, 1);
    return () => {
      const counted = this.#open.get(connection);
      if (counted === undefined) return;
      this.markVerified(connection);
      this.#open.delete(connection);
      if (counted.caller !== null) change(this.#byCaller, counted.caller, -1);
      this.metrics.addConnections(connection.transport, -1);
      if (this.#open.size === 0) this.#whenEmpty?.();
    };
  }

  /** Counts an open connection for its caller. @returns false if that caller has reached its limit */
  move(connection: LiveConnection, caller: string): boolean {
    const before = this.#open.get(connection);
    if (before === undefined || before.caller === caller) return true;
    if (this.#isCallerFull(caller)) {
      this.metrics.countRefusal("caller_full");
      return false;
    }
    if (before.caller !== null) change(this.#byCaller, before.caller, -1);
    change(this.#byCaller, caller, 1);
    this.#open.set(connection, { ...before, caller });
    return true;
  }

  /** Marks a connection as verified: it has read events, so its credentials are valid. */
  markVerified(connection: LiveConnection): void {
    const client = this.#open.get(connection);
    if (client !== undefined && this.#unverified.delete(connection)) {
      change(this.#unverifiedByAddress, client.address, -1);
    }
  }

  /** Closes all connections, each after its queries, and refuses new ones. Resolves when all have ended. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#open.size > 0) {
      const empty = new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
      });
      const closed = [...this.#open.keys()].filter((connection) => connection.close());
      const timer = setTimeout(() => {
        for (const connection of closed) connection.terminate();
      }, LEAVE_MS);
      await empty;
      clearTimeout(timer);
    }
    clearInterval(this.#ticks);
  }

  /** Terminates the connections that {@link close} still waits for. */
  terminateClosing(): void {
    if (!this.#isClosing) return;
    for (const connection of [...this.#open.keys()]) connection.terminate();
  }

  #isCallerFull(caller: string): boolean {
    return (this.#byCaller.get(caller) ?? 0) >= this.limits.maxPerCaller;
  }

  #refused(reason: LiveRefusal, refusal: ConnectionRefusal): ConnectionRefusal {
    this.metrics.countRefusal(reason);
    return refusal;
  }
}

function change(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
