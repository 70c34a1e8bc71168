import { GatewayError } from "./errors.js";
import { firstQuery } from "./first-query.js";
import { createApolloServer } from "./graphql/apollo.js";
import { type DrainLimits, createHttpServer } from "./http/server.js";
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
  const metrics = createMetrics();
  const endObserving = observeUpstream(metrics, logger);
  const apollo = createApolloServer({
    introspection: settings.INTROSPECTION,
    maxUpstreamCalls: settings.MAX_UPSTREAM_CALLS,
    logger,
    onFault: (fault) => {
      logger.error({ err: fault }, "A fault of the gateway");
    },
  });
  const server = await createHttpServer({
    apollo,
    createContext: () => ({
      defaultProjectId: settings.MODELARTS_PROJECT_ID,
      readEvents: () => Promise.reject(new GatewayError("UPSTREAM_UNAVAILABLE", "Nothing reads events yet.")),
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
      await simulator?.close();
      endObserving();
    },
  };
}
