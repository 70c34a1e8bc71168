import { type LiveMetrics, type LiveTransport } from "../../observability/metrics/live-metrics.js";

/** A live connection: a WebSocket or an event stream. */
export type LiveConnection = {
  readonly transport: LiveTransport;
  /** Closes the connection so that its client reconnects. */
  close(): void;
  /** Closes the connection without waiting for the client. */
  cut(): void;
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

/** All live connections of the process, with a limit for all and a limit for each caller. */
export class LiveConnections {
  readonly #open = new Map<LiveConnection, string>();
  readonly #byCaller = new Map<string, number>();
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
   * The reason to refuse a new connection of this caller; null if it is allowed.
   * @param isPending whether the caller can still send credentials. Up to half of all connections can be pending and
   *   have one address, because after the end of another process, all its clients arrive at once through one proxy
   */
  refusalOf(caller: string, isPending = false): ConnectionRefusal | null {
    if (this.#isClosing) return this.#refused("closing", CLOSING);
    const { maxConnections, maxPerCaller } = this.limits;
    if (this.#open.size >= maxConnections) return this.#refused("full", FULL);
    const max = isPending ? Math.max(maxPerCaller, maxConnections / 2) : maxPerCaller;
    const isWithin = (this.#byCaller.get(caller) ?? 0) < max;
    return isWithin ? null : this.#refused("caller_full", CALLER_FULL);
  }

  /** @returns a function to be called when the connection has ended */
  add(connection: LiveConnection, caller: string): () => void {
    this.#open.set(connection, caller);
    this.#count(caller, 1);
    this.metrics.addConnections(connection.transport, 1);
    return () => {
      const counted = this.#open.get(connection);
      if (counted === undefined) return;
      this.#open.delete(connection);
      this.#count(counted, -1);
      this.metrics.addConnections(connection.transport, -1);
      if (this.#open.size === 0) this.#whenEmpty?.();
    };
  }

  /** Counts an open connection for another caller. @returns false if that caller has reached its limit */
  move(connection: LiveConnection, caller: string): boolean {
    const before = this.#open.get(connection);
    if (before === undefined || before === caller) return true;
    if ((this.#byCaller.get(caller) ?? 0) >= this.limits.maxPerCaller) {
      this.metrics.countRefusal("caller_full");
      return false;
    }
    this.#count(before, -1);
    this.#count(caller, 1);
    this.#open.set(connection, caller);
    return true;
  }

  /** Closes all connections and refuses new ones. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#open.size > 0) {
      const empty = new Promise<void>((resolve) => {
        this.#whenEmpty = resolve;
      });
      for (const connection of [...this.#open.keys()]) connection.close();
      const timer = setTimeout(() => {
        for (const connection of [...this.#open.keys()]) connection.cut();
      }, LEAVE_MS);
      await empty;
      clearTimeout(timer);
    }
    clearInterval(this.#ticks);
  }

  #refused(reason: "closing" | "full" | "caller_full", refusal: ConnectionRefusal): ConnectionRefusal {
    this.metrics.countRefusal(reason);
    return refusal;
  }

  #count(caller: string, change: 1 | -1): void {
    const count = (this.#byCaller.get(caller) ?? 0) + change;
    if (count > 0) this.#byCaller.set(caller, count);
    else this.#byCaller.delete(caller);
  }
}
