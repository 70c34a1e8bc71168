import { type LiveMetrics, type LiveTransport } from "../../observability/live-metrics.js";

/** A connection that stays open. */
export type LiveConnection = {
  readonly transport: LiveTransport;
  /** Ends it so that its client comes back. */
  close(): void;
  /** Ends it without waiting for the client. */
  cut(): void;
  /** Called again and again, at least once a second. */
  tick(nowMs: number): void;
};

/** Why a connection is not taken. */
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

/** The bounds of open connections. */
export type ConnectionLimits = {
  /** How many may be open. */
  readonly maxConnections: number;
  /** How many of them one caller may have. */
  readonly maxPerCaller: number;
};

/** How long a client may take to close its connection after the gateway has, in milliseconds. */
const LEAVE_MS = 1_000;

/** All connections of the process that stay open, within bounds for all and for each caller. */
export class LiveConnections {
  readonly #open = new Map<LiveConnection, string>();
  readonly #byCaller = new Map<string, number>();
  readonly #ticks: NodeJS.Timeout;
  #isClosing = false;
  #whenEmpty: (() => void) | null = null;

  /** @param tickMs how often each connection looks after itself, in milliseconds */
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

  /** Why no connection of this caller is taken; null where one is. */
  refusalOf(caller: string): ConnectionRefusal | null {
    if (this.#isClosing) return this.#refused("closing", CLOSING);
    if (this.#open.size >= this.limits.maxConnections) return this.#refused("full", FULL);
    const isWithin = (this.#byCaller.get(caller) ?? 0) < this.limits.maxPerCaller;
    return isWithin ? null : this.#refused("caller_full", CALLER_FULL);
  }

  /** @returns a function to be called when it is over */
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

  /** Counts an open connection for another caller. @returns whether that caller may have one more */
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

  /** Ends all, and takes no more. */
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
