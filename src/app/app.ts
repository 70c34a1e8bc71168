import { setTimeout as wait } from "node:timers/promises";
import { createCache } from "../cache/create-cache.js";
import { SharedClock } from "../cache/shared-clock.js";
import { FastPath } from "../fastpath/fast-path.js";
import { explorerExample } from "./explorer-example.js";
import { createApolloServer } from "../graphql/apollo.js";
import { createLiveGraph } from "../graphql/live/live-graph.js";
import { type FaultListener } from "../graphql/format-error.js";
import { createPlanner } from "../graphql/plan/plan.js";
import { clientSdl, schemaFor } from "../graphql/schema/schema.js";
import { type DrainLimits, createHttpServer } from "../http/server.js";
import { createBackoffClient } from "../event-log/backoff/backoff-client.js";
import { Pauses } from "../event-log/backoff/pauses.js";
import { createEventsReader } from "../event-log/events-reader.js";
import { createLogNames } from "../event-log/log-names.js";
import { createLogWatch } from "../event-log/log-watch.js";
import { createModelArtsClient } from "../modelarts/create-client.js";
import { observeCache } from "../observability/cache.js";
import { type Logger } from "../observability/logger.js";
import { createMetrics } from "../observability/metrics/metrics.js";
import { observeUpstream } from "../observability/upstream.js";
import { createJwt, createSignIn, credentialsHeaderOf } from "./credentials.js";
import { createOperationContexts } from "./operation-context.js";
import { loadTracing } from "./load-tracing.js";
import { withBudget } from "./budget.js";
import { followTenancy } from "./tenancy.js";
import { createTrustedDocuments } from "./trusted-documents.js";
import { readVersion } from "./version.js";
import { type Settings } from "../settings/settings.js";
import { type Simulator } from "../simulator/server.js";

/** The interval of pings on live connections, in milliseconds, so that proxies see no idle connection. */
const KEEP_ALIVE_MS = 12_000;
/** A WebSocket without accepted credentials, or without an operation, is closed after this time, in milliseconds. */
const IDLE_MS = 10_000;
/** How long an event stream waits for a client that does not read, in milliseconds. */
const STALL_MS = 30_000;

/** A running gateway. */
export type App = {
  /** The URL of `/graphql`, with the actual port. */
  readonly url: string;
  /** Stops the gateway within `graceMs` without losing requests in flight. Both limits count from this call. */
  drain(limits: DrainLimits): Promise<void>;
};

/**
 * Creates the parts from the settings, connects them, and listens.
 * @param nowMs the clock of all lifetimes, in milliseconds since the epoch
 * @throws the errors of `net.Server.listen`, such as `EADDRINUSE`
 */
export async function startApp(
  settings: Settings,
  logger: Logger,
  nowMs: () => number = Date.now,
): Promise<App> {
  const simulator = settings.MODELARTS_ENDPOINT === null ? await loadSimulator() : null;
  const endpoint = settings.MODELARTS_ENDPOINT ?? simulator?.url ?? "";
  const { tenancy, ownKeyOf, readRedisUrls, stop: stopFollowing } = followTenancy(settings, endpoint, logger);
  const client = createModelArtsClient({
    endpoint,
    connections: settings.UPSTREAM_CONNECTIONS,
    tryTimeoutMs: settings.UPSTREAM_TIMEOUT_MS,
    retries: settings.UPSTREAM_RETRIES,
    signIn: await createSignIn(settings, endpoint, { nowMs, ownKeyOf, logger }),
    useProxy: simulator === null,
  });
  const version = readVersion();
  const metrics = createMetrics(version);
  const stopTracing = await loadTracing(settings, version, logger);
  const endObserving = [observeUpstream(metrics, logger), observeCache(metrics, logger)];
  // A quarter of the limit is for decoded blocks, and another quarter for whole answers if the fast path is on.
  const quarterBytes = Math.floor(settings.CACHE_MEMORY_MAX_BYTES / 4);
  // The machine's clock can be set back, and another machine's clock can differ.
  const clock = nowMs === Date.now ? new SharedClock() : null;
  const readingsNowMs = clock?.nowMs ?? nowMs;
  const cache = await createCache({
    redisUrls: settings.REDIS_URL,
    readRedisUrls,
    memoryMaxBytes: settings.CACHE_MEMORY_MAX_BYTES - (settings.FAST_PATH ? 2 : 1) * quarterBytes,
    nowMs: readingsNowMs,
    channelOf: tenancy.channelOf,
    clock,
  });
  const nameLogs = createLogNames(tenancy);
  const readerOf = createEventsReader({
    client: createBackoffClient({
      client: withBudget(client, settings, { tenancy, counter: cache.counter, metrics }),
      pauses: new Pauses(cache.store, tenancy, nowMs),
      retries: settings.UPSTREAM_RETRIES,
      nowMs,
    }),
    store: cache.store,
    lock: cache.lock,
    tenancy,
    nameLogs,
    lifetimes: {
      headTtlMs: settings.CACHE_HEAD_TTL_MS,
      settledTtlMs: settings.CACHE_SETTLED_TTL_MS,
      staleMs: settings.CACHE_STALE_MS,
      staleWaitMs: settings.CACHE_STALE_WAIT_MS,
    },
    decodedMaxBytes: quarterBytes,
    offset: settings.MODELARTS_OFFSET,
    maxUpstreamCalls: settings.MAX_UPSTREAM_CALLS,
    nowMs: readingsNowMs,
  });
  const schema = schemaFor(settings.SINGLE_PROJECT);
  const planOf = createPlanner(schema, settings.MAX_UPSTREAM_CALLS);
  const trusted = createTrustedDocuments(settings.TRUSTED_DOCUMENTS);
  const onFault: FaultListener = (fault, operation) => {
    logger.error({ err: fault, requestId: operation?.requestId }, "The gateway failed");
  };
  const apollo = createApolloServer({
    schema,
    planOf,
    introspection: settings.INTROSPECTION,
    trusted,
    maxUpstreamCalls: settings.MAX_UPSTREAM_CALLS,
    logger,
    onFault,
    onUnplanned: (reason) => {
      metrics.countUnplannedOperation(reason);
    },
  });
  const live = createLiveGraph({
    apollo,
    schema,
    introspection: settings.INTROSPECTION,
    onFault,
    clock: { nowMs, wait: (ms, signal) => wait(ms, undefined, { signal }) },
    pace: {
      headTtlMs: settings.CACHE_HEAD_TTL_MS,
      quietIntervalMs: settings.LIVE_QUIET_INTERVAL_MS,
      retryForMs: settings.CACHE_STALE_MS,
    },
    watch: createLogWatch(nameLogs, tenancy, cache.news),
  });
  const server = await createHttpServer({
    apollo,
    createContext: createOperationContexts(settings, readerOf, nowMs),
    fastPath: settings.FAST_PATH ? new FastPath(planOf, quarterBytes, onFault) : null,
    jwt: await createJwt(settings, {
      metrics,
      logger,
      nowMs,
      hash: (text) => tenancy.callerOf(`jwt ${text}`),
    }),
    hashToken: tenancy.callerOf,
    logger,
    metrics,
    corsOrigins: settings.CORS_ORIGINS,
    keepAliveTimeoutMs: settings.KEEP_ALIVE_TIMEOUT_MS,
    metricsPort: settings.METRICS_PORT,
    takesDocumentIds: trusted !== null,
    batchMax: settings.BATCH_MAX,
    serverTiming: settings.CACHE_DEBUG && !settings.IS_PRODUCTION ? "always" : "asked",
    requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
    live: {
      run: live,
      maxConnections: settings.LIVE_CONNECTIONS_MAX,
      maxPerCaller: settings.LIVE_CONNECTIONS_PER_CALLER_MAX,
      keepAliveMs: KEEP_ALIVE_MS,
      idleMs: IDLE_MS,
      credentialsHeader: credentialsHeaderOf(settings),
      stallMs: STALL_MS,
    },
    schemaSdl: settings.INTROSPECTION ? clientSdl : null,
    explorer: settings.INTROSPECTION ? explorerExample(simulator !== null) : null,
  });
  const url = await server.listen(settings.HOST, settings.PORT);
  return {
    url,
    drain: async (limits) => {
      await server.drain(limits);
      await client.close();
      await simulator?.close();
      stopFollowing();
      cache.close();
      await stopTracing();
      for (const end of endObserving) end();
    },
  };
}

/** Loads the simulator only if it is needed, to save memory. */
async function loadSimulator(): Promise<Simulator> {
  const { startSimulator } = await import("../simulator/server.js");
  return startSimulator();
}
