import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";
import { type LiveClient } from "modelarts-events-client";
import { WebSocket } from "ws";

type Headers = Record<string, string>;

/** Both kinds of live client, as README.md creates them. */
export const LIVE_CLIENTS: readonly [string, (url: string, headers?: () => Headers) => LiveClient][] = [
  [
    "graphql-ws",
    (url, headers = () => ({})) =>
      createWsClient({
        url: url.replace(/^http/, "ws"),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: headers,
      }),
  ],
  [
    "graphql-sse",
    (url, headers = () => ({})) => createSseClient({ url: `${url}/stream`, retryAttempts: 0, headers }),
  ],
];
