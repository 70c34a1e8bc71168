import { setTimeout as wait } from "node:timers/promises";
import { print } from "graphql";
import { createClient as createSseClient } from "graphql-sse";
import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { FollowEventsDocument } from "../../generated/graphql.js";
import { type EventConnection } from "../../../src/paging/connection.js";

/** A batch as a subscriber gets it. */
export type Batch = Pick<EventConnection, "edges"> & {
  readonly endCursor: string | null;
  readonly caughtUp: boolean;
  readonly missed?: number;
  readonly lateEdges?: EventConnection["edges"];
  readonly isStale?: boolean;
  readonly asOf?: string;
};

type Result = {
  readonly data?: { readonly trainingJobEvents?: Batch } | null;
  readonly errors?: readonly LiveError[];
  readonly extensions?: unknown;
};

/** An error as a subscriber sees it. */
export type LiveError = {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly retryable: boolean } & Readonly<
    Record<string, unknown>
  >;
};

/** The headers of a WebSocket upgrade, for tests without a library. */
export const WEB_SOCKET_OFFER = {
  connection: "upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** The header lines of a request for a WebSocket at the GraphQL path. */
export const WEB_SOCKET_HEAD: readonly string[] = [
  "GET /graphql HTTP/1.1",
  "host: x",
  ...Object.entries(WEB_SOCKET_OFFER).map(([name, value]) => `${name}: ${value}`),
];

/** A client of either protocol. */
export type LiveClient = {
  subscribe(request: { query: string; variables?: Record<string, unknown> }, sink: Sink): () => void;
  close(): void | Promise<void>;
};

type Sink = { next: (result: Result) => void; error: (error: unknown) => void; complete: () => void };

type ClientOptions = {
  readonly headers?: Record<string, string>;
  /** The `connectionParams` of a graphql-ws client. */
  readonly connectionParams?: Record<string, unknown>;
  readonly retries?: number;
  /** Called at the end of each WebSocket. */
  readonly onClosed?: (code: number) => void;
};

/** The example operation that front ends are given. */
export const FOLLOW = print(FollowEventsDocument);

/** graphql-ws over WebSockets. */
export function wsClient(url: string | (() => string), options: ClientOptions = {}): LiveClient {
  const { headers = {}, connectionParams = {}, retries = 0, onClosed } = options;
  class WithHeaders extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols, { headers });
    }
  }
  const client: Client = createClient({
    url: () => (typeof url === "string" ? url : url()).replace(/^http/, "ws"),
    webSocketImpl: WithHeaders,
    connectionParams,
    retryAttempts: retries,
    retryWait: () => wait(20),
    // Without this, the client does not retry a refused connection.
    shouldRetry: () => true,
    on: {
      closed: (event) => {
        onClosed?.((event as { code: number }).code);
      },
    },
  });
  return {
    subscribe: (request, sink) => client.subscribe(request, sink),
    close: () => client.dispose(),
  };
}

/** graphql-sse, each operation on its own connection. */
export function sseClient(url: string, { headers = {}, retries = 0 }: ClientOptions = {}): LiveClient {
  const client = createSseClient({
    url: `${url}/stream`,
    headers,
    retryAttempts: retries,
    retry: () => wait(20),
  });
  return {
    subscribe: (request, sink) => client.subscribe(request, sink as never),
    close: () => {
      client.dispose();
    },
  };
}

/** The clients of both protocols, by name. */
export const CLIENTS = [
  ["graphql-ws", wsClient],
  ["graphql-sse", sseClient],
] as const;

/** The events that one subscriber has received. */
export class Follower {
  readonly results: Result[] = [];
  readonly errors: LiveError[] = [];
  /** The errors of the client's library that are not GraphQL errors. */
  failure: unknown = null;
  isComplete = false;
  readonly #stop: () => void;

  constructor(client: LiveClient, variables: Record<string, unknown>, query = FOLLOW) {
    const sent = { ...variables };
    this.#stop = client.subscribe(
      { query, variables: sent },
      {
        next: (result) => {
          this.results.push(result);
          // As in docs/front-end.md: when the client's library reconnects, it resumes from here.
          const endCursor = result.data?.trainingJobEvents?.endCursor ?? null;
          if (endCursor !== null) Object.assign(sent, { after: endCursor, last: 0 });
          this.errors.push(...(result.errors ?? []));
        },
        error: (error) => {
          if (Array.isArray(error)) this.errors.push(...(error as LiveError[]));
          else this.failure = error;
        },
        complete: () => {
          this.isComplete = true;
        },
      },
    );
  }

  get batches(): Batch[] {
    return this.results.flatMap(({ data }) => data?.trainingJobEvents ?? []);
  }

  get messages(): string[] {
    return this.batches.flatMap(({ edges }) => edges.map(({ node }) => node.message));
  }

  get endCursor(): string | null {
    return this.batches.at(-1)?.endCursor ?? null;
  }

  get isCaughtUp(): boolean {
    return this.batches.at(-1)?.caughtUp ?? false;
  }

  stop(): void {
    this.#stop();
  }
}
