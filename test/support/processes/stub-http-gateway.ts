import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled";
import { GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";
import { GatewayError } from "../../../src/errors.js";
import { type OperationContext } from "../../../src/graphql/context.js";
import {
  type LiveCall,
  LiveResult,
  type LiveRun,
  type RunLive,
} from "../../../src/graphql/live/live-call.js";
import { createLiveGraph } from "../../../src/graphql/live/live-graph.js";
import { liveOperations } from "../../../src/graphql/live/live-operations.js";
import { type RequestInfo } from "../../../src/http/request/request-info.js";
import { type LiveLimits } from "../../../src/http/live/live.js";
import { createHttpServer, type HttpServer, type HttpServerParts } from "../../../src/http/server.js";
import { createLogger } from "../../../src/observability/logger.js";
import { createMetrics } from "../../../src/observability/metrics/metrics.js";
import { NO_COUNTS } from "../graph.js";

type StubContext = OperationContext & { readonly facts: RequestInfo };

/** A real HTTP server around a minimal schema, for tests of the HTTP layer. */
export type StubGateway = {
  /** Without a path. */
  readonly url: string;
  readonly server: HttpServer;
  /** The request information of every operation that ran, in order. */
  readonly facts: RequestInfo[];
  /** The log lines, in order. */
  readonly log: Record<string, unknown>[];
  /** Resolves all pending `slow` fields. */
  release(): void;
  close(): Promise<void>;
};

type Changes = Partial<Omit<HttpServerParts, "live">> & {
  readonly live?: Partial<LiveLimits & { readonly run: RunLive }>;
};

export async function startStubGateway({ live, ...changes }: Changes = {}): Promise<StubGateway> {
  const facts: RequestInfo[] = [];
  const log: Record<string, unknown>[] = [];
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const schema = stubSchema(released);
  const apollo = new ApolloServer<OperationContext>({
    schema,
    csrfPrevention: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginLandingPageDisabled(), liveOperations()],
  });
  const runGraph = createLiveGraph({
    apollo,
    schema,
    introspection: true,
    onFault: (fault) => log.push({ fault }),
    clock: { nowMs: Date.now, wait: (ms, signal) => wait(ms, undefined, { signal }) },
    pace: { headTtlMs: 1000, quietIntervalMs: 1000, retryForMs: 1000 },
    watch: () => () => undefined,
  });
  const run: RunLive = (request, call) =>
    request.query.includes("flood") ? flood(call) : runGraph(request, call);
  const server = await createHttpServer({
    apollo,
    createContext: (request): StubContext => {
      facts.push(request);
      return {
        facts: request,
        requestId: request.requestId,
        language: request.language,
        seal: () => null,
        jobs: () => [],
        freshForMs: () => 90_500,
        authorizedUntilMs: Infinity,
        viewer: () => "gateway",
        defaultProjectId: null,
        singleProject: false,
        cache: { reads: [], isShown: false },
        counts: NO_COUNTS,
        readEvents: () => Promise.reject(new Error("no events")),
      };
    },
    logger: createLogger("debug", { write: (line) => log.push(JSON.parse(line) as Record<string, unknown>) }),
    metrics: createMetrics(),
    fastPath: null,
    jwt: null,
    hashToken: (token) => createHash("sha256").update(token).digest("hex"),
    corsOrigins: { listed: ["https://studio.apollographql.com"], loopback: true },
    requestTimeoutMs: 10_000,
    live: {
      run,
      maxConnections: 100,
      maxPerCaller: 100,
      keepAliveMs: 10_000,
      idleMs: 10_000,
      credentialsHeader: null,
      stallMs: 10_000,
      ...live,
    },
    takesDocumentIds: false,
    batchMax: 10,
    serverTiming: "asked",
    keepAliveTimeoutMs: 75_000,
    metricsPort: null,
    schemaSdl: "type Query { hello: String! }",
    explorer: { document: "query Hello { hello }", variables: { a: "</script>" } },
    ...changes,
  });
  const graphUrl = await server.listen("127.0.0.1", 0);
  return {
    url: graphUrl.replace(/\/graphql$/, ""),
    server,
    facts,
    log,
    release,
    close: () => server.drain({ delayMs: 0, graceMs: 1000 }),
  };
}

function stubSchema(released: Promise<void>): GraphQLSchema {
  const text = new GraphQLNonNull(GraphQLString);
  return new GraphQLSchema({
    query: new GraphQLObjectType<unknown, StubContext>({
      name: "Query",
      fields: {
        hello: { type: text, resolve: () => "world" },
        slow: {
          type: GraphQLString,
          resolve: (_source, _args, { facts }) => untilReleased(released, facts.deadline.signal),
        },
        broken: {
          type: GraphQLString,
          resolve: () => {
            throw new GatewayError("TRAINING_JOB_NOT_FOUND", "no such job");
          },
        },
      },
    }),
    mutation: new GraphQLObjectType({
      name: "Mutation",
      fields: { change: { type: text, resolve: () => "done" } },
    }),
  });
}

/** A subscription that sends blocks of 64 KB as fast as the client reads. */
function flood(call: LiveCall): LiveRun {
  const result = new LiveResult(JSON.stringify({ data: { flood: "x".repeat(65_536) } }), 1, null);
  let isOver = false;
  const next = (): void => {
    if (isOver) return;
    if (call.isReady) {
      call.send(result);
      setImmediate(next);
    } else {
      call.whenReady(next);
    }
  };
  // Only after the operation has taken its context.
  setImmediate(() => {
    call.onSubscription(null);
    next();
  });
  return {
    stop: () => {
      isOver = true;
    },
  };
}

function untilReleased(released: Promise<void>, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => {
      reject(signal.reason as Error);
    });
    void released.then(() => {
      resolve("at last");
    });
  });
}
