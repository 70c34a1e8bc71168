/** A result of a subscription, in the form of both protocols. */
export type LiveResult = {
  readonly data?: unknown;
  readonly errors?: readonly unknown[] | undefined;
};

/** The receiver of a subscription's results. */
export type LiveSink = {
  next(result: LiveResult): void;
  error(failure: unknown): void;
  complete(): void;
};

/**
 * The part of a client that `followEvents` needs. `createClient` of graphql-ws and of graphql-sse return such a client.
 * Create it with `retryAttempts: 0`, because `followEvents` has its own retries.
 */
export type LiveClient = {
  subscribe(
    request: { query: string; variables?: Record<string, unknown> | null },
    sink: LiveSink,
  ): () => void;
  /** Closes a lost connection, so that the next one uses a new token. Only graphql-ws has it. */
  terminate?(): void;
};
