import { defineConfig } from "@graphql-hive/gateway";

/** The headers that the events gateway reads. Without this setting, a router passes on none. */
const PROPAGATED = [
  "authorization",
  "x-auth-token",
  "x-request-id",
  "x-language",
  "accept-language",
  "cache-control",
  "traceparent",
];

export const gatewayConfig = defineConfig({
  transportEntries: {
    // The events subgraph serves graphql-sse at a separate path.
    events: {
      options: {
        subscriptions: { kind: "http", location: "/graphql/stream" },
        // A second subscriber with the same `last` must get its own first events, not join a running stream.
        deduplicateInflightRequests: false,
      },
    },
  },
  propagateHeaders: {
    fromClientToSubgraphs({ request, context }) {
      // Clients that connect by WebSocket send them in connectionParams.
      const params = new Headers(context?.connectionParams ?? {});
      return Object.fromEntries(
        PROPAGATED.flatMap((name) => {
          const value = request?.headers.get(name) ?? params.get(name);
          return value === null ? [] : [[name, value]];
        }),
      );
    },
  },
});
