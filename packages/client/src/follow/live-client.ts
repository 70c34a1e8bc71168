/** A result of a subscription, as both protocols give it. */
export type LiveResult = {
  readonly data?: unknown;
  readonly errors?: readonly unknown[] | undefined;
};

/** Where the results of a subscription go. */
export type LiveSink = {
  next(result: LiveResult): void;
  error(failure: unknown): void;
  complete(): void;
};

/**
 * The part of a client that following needs. `createClient` of graphql-ws and of graphql-sse both give one. Create it
 * with `retryAttempts: 0`: following has its own retries.
 */
export type LiveClient = {
  subscribe(
    request: { query: string; variables?: Record<string, unknown> | null },
    sink: LiveSink,
  ): () => void;
  /** Takes a dead connection down, and makes the next one use a new token. graphql-ws has it. */
  terminate?(): void;
};
