import { createMemoryStore } from "./cache/memory-store.js";
import { firstQuery } from "./first-query.js";
import { createApolloServer } from "./graphql/apollo.js";
import { type DrainLimits, createHttpServer } from "./http/server.js";
import { createEventsReader } from "./log/events-reader.js";
import { type Credentials } from "./modelarts/client.js";
import { createModelArtsClient } from "./modelarts/create-client.js";
import { type Logger } from "./observability/logger.js";
import { createMetrics } from "./observability/metrics.js";
import { observeUpstream } from "./observability/upstream.js";
import { type Settings } from "./settings.js";
import { startSimulator } from "./simulator/server.js";

/** A gateway that takes requests. */
export type App = {
  /** Of the graph, with the port that was really taken. */
  readonly url: string;
  /** Ends it without losing what is in flight, within `graceMs`; both limits count from the call. */
  drain(limits: DrainLimits): Promise<void>;
};

/**
 * Builds the parts from the settings, joins them, and listens.
 * @throws what `net.Server.listen` reports, such as `EADDRINUSE`
 */
export async function startApp(settings: Settings, logger: Logger): Promise<App> {
  const simulator = settings.MODELARTS_ENDPOINT === null ? await startSimulator() : null;
  const client = createModelArtsClient({
    endpoint: settings.MODELARTS_ENDPOINT ?? simulator?.url ?? "",
    connections: settings.UPSTREAM_CONNECTIONS,
    tryTimeoutMs: settings.UPSTREAM_TIMEOUT_MS,
    retries: settings.UPSTREAM_RETRIES,
  });
  const readerOf = createEventsReader({
    client,
    store: createMemoryStore({ maxBytes: settings.CACHE_MEMORY_MAX_BYTES, nowMs: Date.now }),
    lifetimes: { headTtlMs: settings.CACHE_HEAD_TTL_MS, settledTtlMs: settings.CACHE_SETTLED_TTL_MS },
    offset: settings.MODELARTS_OFFSET,
    maxUpstreamCalls: settings.MAX_UPSTREAM_CALLS,
    nowMs: Date.now,
  });
  const metrics = createMetrics();
  const endObserving = observeUpstream(metrics, logger);
  const apollo = createApolloServer({
    introspection: settings.INTROSPECTION,
    maxUpstreamCalls: settings.MAX_UPSTREAM_CALLS,
    logger,
    onFault: (fault, operation) => {
      logger.error({ err: fault, requestId: operation?.requestId }, "A fault of the gateway");
    },
  });
  const server = await createHttpServer({
    apollo,
    createContext: ({ authToken, ...operation }) => ({
      requestId: operation.requestId,
      defaultProjectId: settings.MODELARTS_PROJECT_ID,
      readEvents: readerOf({ ...operation, credentials: credentialsOf(settings, authToken) }),
    }),
    logger,
    metrics,
    corsOrigins: settings.CORS_ORIGINS,
    requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
    explorer: settings.INTROSPECTION ? firstQuery(simulator !== null) : null,
  });
  const url = await server.listen(settings.HOST, settings.PORT);
  return {
    url,
    drain: async (limits) => {
      await server.drain(limits);
      await client.close();
      await simulator?.close();
      endObserving();
    },
  };
}

/** What goes upstream for a caller; null when it must bring a token and did not. */
function credentialsOf(settings: Settings, authToken: string | null): Credentials | null {
  if (settings.MODELARTS_AUTH === "none") return { kind: "none" };
  return authToken === null ? null : { kind: "token", token: authToken };
}
