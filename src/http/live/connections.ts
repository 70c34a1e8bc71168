import { type LiveMetrics, type LiveTransport } from "../../observability/live-metrics.js";

/** A connection that stays open. */
export type LiveConnection = {
  readonly transport: LiveTransport;
  /** Ends it so that its client comes back. */
  close(): void;
  /** Ends it without waiting for the client. */
  cut(): void;
};

/** What is said to those whose connection is not taken. */
const FULL = { status: 503, code: "RATE_LIMITED", message: "Too many live connections are open." } as const;
const CLOSING = {
  status: 503,
  code: "UPSTREAM_UNAVAILABLE",
  message: "The gateway is shutting down.",
} as const;

/** How long a client has to take leave once its connection is closed, in milliseconds. */
const LEAVE_MS = 1_000;

/** All connections of the process that stay open, up to a bound. */
export class LiveConnections {
  readonly #open = new Set<LiveConnection>();
  #isClosing = false;
  #whenEmpty: (() => void) | null = null;

  constructor(
    private readonly max: number,
    private readonly metrics: LiveMetrics,
  ) {}

  /** Why no more are taken; null where one more is. */
  get refusal(): typeof FULL | typeof CLOSING | null {
    if (this.#isClosing) return CLOSING;
    return this.#open.size >= this.max ? FULL : null;
  }

  /** @returns a function to be called when it is over */
  add(connection: LiveConnection): () => void {
    this.#open.add(connection);
    this.metrics.addConnections(connection.transport, 1);
    return () => {
      if (!this.#open.delete(connection)) return;
      this.metrics.addConnections(connection.transport, -1);
      if (this.#open.size === 0) this.#whenEmpty?.();
    };
  }

  /** Ends all, and takes no more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#open.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    for (const connection of [...this.#open]) connection.close();
    const timer = setTimeout(() => {
      for (const connection of [...this.#open]) connection.cut();
    }, LEAVE_MS);
    await empty;
    clearTimeout(timer);
  }
}
