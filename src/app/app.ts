import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { createCache } from "../cache/create-cache.js";
import { createTenancy } from "../cache/keys.js";
import { type GatewayError } from "../errors.js";
import { FastPath } from "../fastpath/fast-path.js";
import { explorerExample } from "./explorer-example.js";
import { createApolloServer } from "../graphql/apollo.js";
import { createLiveGraph } from "../graphql/live/live-graph.js";
import { type FaultListener } from "../graphql/fault-reporting.js";
import { createPlanner } from "../graphql/plan/plan.js";
import { memoizeReads } from "../graphql/memoized-reads.js";
import { schema } from "../graphql/schema/schema.js";
import { type RequestInfo } from "../http/request/request-info.js";
import { type DrainLimits, createHttpServer } from "../http/server.js";
import { ALLOWED } from "../http/caller-authorization.js";
import { createEventsReader } from "../event-log/events-reader.js";
import { type PartRead } from "../event-log/event-log.js";
import { type Credentials } from "../modelarts/client.js";
import { createModelArtsClient } from "../modelarts/create-client.js";
import { observeCache } from "../observability/cache.js";
import { type Logger } from "../observability/logger.js";
import { createMetrics } from "../observability/metrics.js";
import { observeUpstream } from "../observability/upstream.js";
import { createJwt, createSignIn, upstreamOf } from "./credentials.js";
import { type Settings } from "../settings/settings.js";
import { type Simulator } from "../simulator/server.js";

/** How often WebSockets are asked whether their peer is there, in milliseconds; proxies then see no idle connection. */
const KEEP_ALIVE_MS = 12_000;
/** How long an event stream may wait for a client that does not read, in milliseconds. */
const STALL_MS = 30_000;

/** A gateway that takes requests. */
export type App = {
  /** Of the graph, with the port that was really taken. */
  readonly url: string;
  /** Ends it without losing what is in flight, within `graceMs`; both limits count from the call. */
  drain(limits: DrainLimits): Promise<void>;
};

/**
 * Builds the parts from the settings, joins them, and listens.
 * @param nowMs what lifetimes are measured by, in milliseconds since the epoch
 * @throws what `net.Server.listen` reports, such as `EADDRINUSE`
 */
export async function startApp(
  settings: Settings,
  logger: Logger,
  nowMs: () => number = Date.now,
): Promise<App> {
  const simulator = settings.MODELARTS_ENDPOINT === null ? await loadSimulator() : null;
  const endpoint = settings.MODELARTS_ENDPOINT ?? simulator?.url ?? "";
  const client = createModelArtsClient({
    endpoint,
    connections: settings.UPSTREAM_CONNECTIONS,
    tryTimeoutMs: settings.UPSTREAM_TIMEOUT_MS,
    retries: settings.UPSTREAM_RETRIES,
    signIn: await createSignIn(settings, endpoint, nowMs),
  });
  const metrics = createMetrics();
  const endObserving = [observeUpstream(metrics, logger), observeCache(metrics, logger)];
  // Of the one bound, a quarter is for what is kept ready to be shown, and one for whole answers where they are kept.
  const quarterBytes = Math.floor(settings.CACHE_MEMORY_MAX_BYTES / 4);
  const cache = await createCache({
    redisUrls: settings.REDIS_URL,
    memoryMaxBytes: settings.CACHE_MEMORY_MAX_BYTES - (settings.FAST_PATH ? 2 : 1) * quarterBytes,
    nowMs,
  });
  const tenancy = createTenancy({
    secret: settings.CACHE_KEY_SECRET ?? settings.REDIS_URL?.join() ?? randomBytes(32).toString("hex"),
    upstream: upstreamOf(settings, endpoint),
  });
  const readerOf = createEventsReader({
    client,
    store: cache.store,
    lock: cache.lock,
    tenancy,
    lifetimes: {
      headTtlMs: settings.CACHE_HEAD_TTL_MS,
      settledTtlMs: settings.CACHE_SETTLED_TTL_MS,
      staleMs: settings.CACHE_STALE_MS,
    },
    decodedMaxBytes: quarterBytes,
    offset: settings.MODELARTS_OFFSET,
    maxUpstreamCalls: settings.MAX_UPSTREAM_CALLS,
    nowMs,
  });
  const planOf = createPlanner(schema, settings.MAX_UPSTREAM_CALLS);
  const onFault: FaultListener = (fault, operation) => {
    logger.error({ err: fault, requestId: operation?.requestId }, "A fault of the gateway");
  };
  const apollo = createApolloServer({
    planOf,
    introspection: settings.INTROSPECTION,
    maxUpstreamCalls: settings.MAX_UPSTREAM_CALLS,
    logger,
    onFault,
  });
  const live = createLiveGraph({
    apollo,
    schema,
    introspection: settings.INTROSPECTION,
    onFault,
    clock: { nowMs, wait: (ms, signal) => wait(ms, undefined, { signal }) },
    pace: { headTtlMs: settings.CACHE_HEAD_TTL_MS, patienceMs: settings.CACHE_STALE_MS },
  });
  const server = await createHttpServer({
    apollo,
    createContext: ({ requestId, language, deadline, authToken, standing, asksForCache }) => {
      const reads: PartRead[] = [];
      const credentials = credentialsOf(settings, authToken, standing);
      const onRead = (read: PartRead) => reads.push(read);
      const operation = { requestId, language, deadline, credentials, onRead };
      const { readEvents, seal, freshForMs } = readerOf(operation);
      return memoizeReads({
        requestId,
        defaultProjectId: settings.MODELARTS_PROJECT_ID,
        cache: { reads, isShown: settings.CACHE_DEBUG && asksForCache },
        readEvents,
        seal,
        // Nor may a client keep a page for longer than it may ask for it.
        freshForMs:
          standing === ALLOWED ? freshForMs : () => atMost(standing.untilMs - nowMs(), freshForMs()),
      });
    },
    fastPath: settings.FAST_PATH ? new FastPath(planOf, quarterBytes, onFault) : null,
    jwt: await createJwt(settings, metrics, logger, nowMs),
    hashToken: tenancy.callerOf,
    logger,
    metrics,
    corsOrigins: settings.CORS_ORIGINS,
    requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
    live: {
      run: live,
      maxConnections: settings.LIVE_CONNECTIONS_MAX,
      keepAliveMs: KEEP_ALIVE_MS,
      stallMs: STALL_MS,
    },
    explorer: settings.INTROSPECTION ? explorerExample(simulator !== null) : null,
  });
  const url = await server.listen(settings.HOST, settings.PORT);
  return {
    url,
    drain: async (limits) => {
      await server.drain(limits);
      await client.close();
      await simulator?.close();
      cache.close();
      for (const end of endObserving) end();
    },
  };
}

function atMost(limitMs: number, lifeMs: number | null): number | null {
  return lifeMs === null ? null : Math.max(0, Math.min(limitMs, lifeMs));
}

/** Starts what a gateway in production need not hold in memory. */
async function loadSimulator(): Promise<Simulator> {
  const { startSimulator } = await import("../simulator/server.js");
  return startSimulator();
}

/** What goes upstream for a caller; null or an error when it must bring a token and did not bring a good one. */
function credentialsOf(
  { MODELARTS_AUTH: auth }: Settings,
  authToken: RequestInfo["authToken"],
  { refusal }: RequestInfo["standing"],
): Credentials | GatewayError | null {
  if (auth !== "passthrough") return refusal ?? { kind: "none" };
  return typeof authToken === "string" ? { kind: "token", token: authToken } : authToken;
}
