import { once } from "node:events";
import { type IncomingHttpHeaders } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { type ApolloServer } from "@apollo/server";
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { GatewayError } from "../errors.js";
import { type FastPath } from "../fastpath/fast-path.js";
import { type OperationContext } from "../graphql/context.js";
import { type RunLive } from "../graphql/live/live-call.js";
import { type Logger } from "../observability/logger.js";
import { type Metrics } from "../observability/metrics/metrics.js";
import { UpstreamTimes } from "../observability/upstream-times.js";
import { createRequestEntry } from "./request-entry.js";
import { type OperationDeadline } from "./request/deadline.js";
import { type ExplorerExample } from "./explorer/explorer-page.js";
import { addBuiltPages } from "./explorer/built-pages.js";
import { sendExplorer, wantsExplorer } from "./explorer/explorer.js";
import { createFastPathHandler } from "./fast-path-handler.js";
import { createFastify } from "./fastify-app.js";
import { type JwtCheck } from "./jwt/jwt-check.js";
import { graphqlEndpoint } from "./graphql-endpoint.js";
import { type LiveLimits, openLive } from "./live/live.js";
import { type LiveOperationContext } from "./live/live-operation.js";
import { prefersEventStream } from "./live/sse/sse-request.js";
import { type AnswerStream } from "./live/sse/sse-handler.js";
import { createOperationReports } from "./operation-reports.js";
import { allowOrigins } from "./cors.js";
import { type AllowedOrigins } from "./origins.js";
import { trackSockets } from "./open-sockets.js";
import { addProbes, createProbeServer } from "./probes.js";
import { knownCaller } from "./request/known-caller.js";
import { type RequestHead, type RequestInfo, requestInfo } from "./request/request-info.js";
import { ALLOWED } from "./caller-authorization.js";

/** The parts of the server. */
export type HttpServerParts = {
  /** Not started yet. The HTTP server adds its own plugin and starts it. */
  readonly apollo: ApolloServer<OperationContext>;
  readonly createContext: (info: RequestInfo) => OperationContext;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly corsOrigins: AllowedOrigins;
  /** Answers operations that were answered before; null if it is off. */
  readonly fastPath: FastPath | null;
  /** Checks the JWTs of callers; null if callers need no JWT. */
  readonly jwt: JwtCheck | null;
  /** Returns the hash that replaces a token in keys. */
  readonly hashToken: (token: string) => string;
  /** The deadline of one operation, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Whether requests may name their documents by ID. */
  readonly takesDocumentIds: boolean;
  /** The maximum number of operations in one request; 0 refuses batches. */
  readonly batchMax: number;
  /** Whether all answers that Apollo Server makes have `Server-Timing`, or those that show the sources of their data. */
  readonly serverTiming: "always" | "asked";
  /** How long an idle connection stays open, in milliseconds. */
  readonly keepAliveTimeoutMs: number;
  /** A separate port for `/metrics`; null if the main port serves it. */
  readonly metricsPort: number | null;
  /** The operation that the explorer page shows first; null for no explorer page. */
  readonly explorer: ExplorerExample | null;
  /** The schema for clients, served at `/schema.graphql`; null if clients may not see it. */
  readonly schemaSdl: string | null;
  /** Runs operations on live connections, within these limits. */
  readonly live: LiveLimits & { readonly run: RunLive };
  /** Waits for the delay of a shutdown, in milliseconds; for tests. */
  readonly waitForDelay?: (ms: number) => Promise<void>;
};

/** The limits of a shutdown, both counted from its start, in milliseconds. */
export type DrainLimits = { readonly delayMs: number; readonly graceMs: number };

export type HttpServer = {
  /** @returns the URL of the GraphQL path, with the actual port */
  listen(host: string, port: number): Promise<string>;
  /** Turns `/readyz` to 503, accepts connections until the delay is over, then answers the requests in flight. */
  drain(limits: DrainLimits): Promise<void>;
};

/** The time limit for receiving the rest of a request when the server closes, in milliseconds. */
const ARRIVAL_MS = 1_000;

export async function createHttpServer(parts: HttpServerParts): Promise<HttpServer> {
  const { apollo, jwt, logger, metrics, waitForDelay = wait } = parts;
  const reports = createOperationReports();
  apollo.addPlugin(reports.plugin);
  await apollo.start();
  let draining = false;
  const isDraining = (): boolean => draining;
  const inFlight = new Set<OperationDeadline>();
  const { fastPath, hashToken } = parts;
  const fastHandler =
    fastPath === null ? null : createFastPathHandler({ fastPath, metrics, hashToken, isDraining });
  const requestEntry = createRequestEntry({ ...parts, inFlight }, fastHandler, isDraining);
  // Each read of a live connection is a separate operation with its own deadline.
  const contextOf = async (head: RequestHead, deadline: OperationDeadline): Promise<LiveOperationContext> => {
    const { authorization } = head.headers;
    const known =
      jwt === null ? ALLOWED : (jwt.known(authorization) ?? (await jwt.check(authorization, deadline)));
    const { caller = null } = known;
    return { context: parts.createContext(requestInfo(head, deadline, known)), caller };
  };
  const app = createFastify({ logger, metrics }, requestEntry, parts.keepAliveTimeoutMs);
  const sockets = trackSockets(app.server);
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (draining) reply.header("connection", "close");
    done();
  });
  await allowOrigins(app, parts.corsOrigins);
  const probeParts = { registry: metrics.registry, isDraining };
  const { metricsPort } = parts;
  addProbes(app, probeParts, metricsPort === null ? new Set() : new Set(["/metrics"]));
  const probeServer = metricsPort === null ? null : createProbeServer(probeParts);
  const callerOf = (headers: IncomingHttpHeaders): string | null => knownCaller(headers, jwt, hashToken);
  const live = openLive(app, { ...parts, ...parts.live, contextOf, callerOf, inFlight }, parts.live);
  const upstreamTimes = new UpstreamTimes();
  const endpoint = graphqlEndpoint({ ...parts, isByJwt: jwt !== null, fastHandler, reports, upstreamTimes });
  addGraphQL(app, parts, endpoint, live.answerStream);

  return {
    listen: async (host, port) => {
      await app.listen({ host, port });
      if (probeServer !== null && metricsPort !== null) {
        probeServer.listen(metricsPort, host);
        await once(probeServer, "listening");
        logger.info(
          { port: (probeServer.address() as AddressInfo).port },
          "Metrics are served on a separate port",
        );
      }
      return `http://${hostToCall(host)}:${(app.server.address() as AddressInfo).port}/graphql`;
    },
    drain: async ({ delayMs, graceMs }) => {
      draining = true;
      // The reserved time is for sending the answers and for closing the other connections.
      const reserveMs = Math.min(500, graceMs / 5);
      const shutdownTimers = [
        setTimeout(() => {
          for (const { abort } of inFlight) {
            abort(new GatewayError("UPSTREAM_UNAVAILABLE", "The gateway is shutting down."));
          }
        }, graceMs - reserveMs),
        setTimeout(
          () => {
            app.server.closeAllConnections();
            live.terminateClosing();
          },
          graceMs - reserveMs / 2,
        ),
        setTimeout(sockets.destroyWithoutRequest, delayMs + ARRIVAL_MS),
      ];
      await waitForDelay(delayMs);
      // In parallel, because `app.close` waits for live connections. Neither accepts new connections from now on.
      await Promise.all([app.close(), live.close()]);
      for (const timer of shutdownTimers) clearTimeout(timer);
      probeServer?.close();
      probeServer?.closeAllConnections();
      await apollo.stop();
      upstreamTimes.end();
    },
  };
}

function addGraphQL(
  app: FastifyInstance,
  { explorer, schemaSdl }: HttpServerParts,
  endpoint: ReturnType<typeof graphqlEndpoint>,
  answerStream: AnswerStream,
): void {
  const unlessStream =
    (answer: (request: FastifyRequest, reply: FastifyReply) => Promise<void>) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      if (request.method !== "HEAD" && prefersEventStream(request)) answerStream(request, reply);
      else await answer(request, reply);
    };
  const get = unlessStream(endpoint.get);
  app.post("/graphql", unlessStream(endpoint.post));
  if (schemaSdl !== null) {
    app.get("/schema.graphql", (_request, reply) =>
      reply.type("application/graphql; charset=utf-8").send(schemaSdl),
    );
  }
  if (explorer === null) {
    app.get("/graphql", get);
    return;
  }
  addBuiltPages(app, explorer);
  app.get("/", (_request, reply) => sendExplorer(reply, explorer));
  app.get("/graphql", async (request, reply) => {
    if (wantsExplorer(request)) sendExplorer(reply, explorer);
    else await get(request, reply);
  });
}

/** The host name with which a browser on this computer reaches a server that listens on `host`. */
function hostToCall(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return isIPv6(host) ? `[${host}]` : host;
}
