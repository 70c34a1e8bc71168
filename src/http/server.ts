import { once } from "node:events";
import { type AddressInfo, isIPv6 } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { type ApolloServer } from "@apollo/server";
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { GatewayError } from "../errors.js";
import { type FastPath } from "../fastpath/fast-path.js";
import { type OperationContext } from "../graphql/context.js";
import { type RunLive } from "../graphql/live/live-call.js";
import { type Logger } from "../observability/logger.js";
import { type Metrics } from "../observability/metrics.js";
import { createDoor } from "./door.js";
import { type OperationDeadline } from "./request/deadline.js";
import { type ExplorerExample } from "./explorer/explorer-page.js";
import { addBuiltPages } from "./explorer/built-pages.js";
import { sendExplorer, wantsExplorer } from "./explorer/explorer.js";
import { createFastLane } from "./fast-lane.js";
import { createFastify } from "./fastify-app.js";
import { type JwtCheck } from "./jwt/jwt-check.js";
import { graphqlEndpoint } from "./graphql-endpoint.js";
import { type LiveLimits, openLive } from "./live/live.js";
import { prefersEventStream } from "./live/sse/sse-request.js";
import { type AnswerStream } from "./live/sse/sse-handler.js";
import { createOperationReports } from "./operation-reports.js";
import { allowOrigins } from "./cors.js";
import { type AllowedOrigins } from "./origins.js";
import { trackSockets } from "./open-sockets.js";
import { addProbes, createProbeServer } from "./probes.js";
import { type Asking, type RequestInfo, requestInfo } from "./request/request-info.js";
import { ALLOWED } from "./caller-authorization.js";

/** The parts of the server. */
export type HttpServerParts = {
  /** Not started yet: the server adds a plugin of its own and starts it. */
  readonly apollo: ApolloServer<OperationContext>;
  readonly createContext: (info: RequestInfo) => OperationContext;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly corsOrigins: AllowedOrigins;
  /** Answers operations that were answered before; null where it is switched off. */
  readonly fastPath: FastPath | null;
  /** Checks the JWTs of callers; null where callers need none. */
  readonly jwt: JwtCheck | null;
  /** Stands for a token in keys. */
  readonly hashToken: (token: string) => string;
  /** The deadline of one operation, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Whether requests may name their documents by ID. */
  readonly takesDocumentIds: boolean;
  /** The most operations in one request; 0 refuses arrays. */
  readonly batchMax: number;
  /** How long an idle connection is kept, in milliseconds. */
  readonly keepAliveTimeoutMs: number;
  /** A port for `/metrics` alone; null where the main port serves it. */
  readonly metricsPort: number | null;
  /** The operation that the explorer page opens with; null for no such page. */
  readonly explorer: ExplorerExample | null;
  /** The schema for clients, served at `/schema.graphql`; null where clients may not see it. */
  readonly schemaSdl: string | null;
  /** Runs operations on connections that stay open, within these limits. */
  readonly live: LiveLimits & { readonly run: RunLive };
  /** Waits for the delay of a shutdown, in milliseconds; for tests. */
  readonly waitForDelay?: (ms: number) => Promise<void>;
};

/** The limits of a shutdown, both counted from its start, in milliseconds. */
export type DrainLimits = { readonly delayMs: number; readonly graceMs: number };

export type HttpServer = {
  /** @returns the URL of the graph, with the port that the server got */
  listen(host: string, port: number): Promise<string>;
  /** Turns `/readyz` to 503, accepts connections until the delay is over, then answers the requests in flight. */
  drain(limits: DrainLimits): Promise<void>;
};

/** How long a request that is arriving when the server closes may take to arrive, in milliseconds. */
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
  const lane = fastPath === null ? null : createFastLane({ fastPath, metrics, hashToken, isDraining });
  const door = createDoor({ ...parts, inFlight }, lane, isDraining);
  // Each read of a live connection is an operation of its own, with a deadline of its own.
  const contextOf = async (asking: Asking, deadline: OperationDeadline): Promise<OperationContext> => {
    const { authorization } = asking.headers;
    const known =
      jwt === null ? ALLOWED : (jwt.known(authorization) ?? (await jwt.check(authorization, deadline)));
    return parts.createContext(requestInfo(asking, deadline, known));
  };
  const app = createFastify({ logger, metrics }, door, parts.keepAliveTimeoutMs);
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
  const live = openLive(app, { ...parts, ...parts.live, contextOf, inFlight }, parts.live);
  const endpoint = graphqlEndpoint({ ...parts, isByJwt: jwt !== null, lane, reports });
  addGraphQL(app, parts, endpoint, live.answerStream);

  return {
    listen: async (host, port) => {
      await app.listen({ host, port });
      if (probeServer !== null && metricsPort !== null) {
        probeServer.listen(metricsPort, host);
        await once(probeServer, "listening");
        logger.info(
          { port: (probeServer.address() as AddressInfo).port },
          "Metrics have a port of their own",
        );
      }
      return `http://${hostToCall(host)}:${(app.server.address() as AddressInfo).port}/graphql`;
    },
    drain: async ({ delayMs, graceMs }) => {
      draining = true;
      // The rest of the grace is for sending the answers and for closing the other connections.
      const reserveMs = Math.min(500, graceMs / 5);
      const cuts = [
        setTimeout(() => {
          for (const { abort } of inFlight) {
            abort(new GatewayError("UPSTREAM_UNAVAILABLE", "The gateway is shutting down."));
          }
        }, graceMs - reserveMs),
        setTimeout(
          () => {
            app.server.closeAllConnections();
          },
          graceMs - reserveMs / 2,
        ),
        setTimeout(sockets.destroyWithoutRequest, delayMs + ARRIVAL_MS),
      ];
      await waitForDelay(delayMs);
      // Both at once: `app.close` waits for live connections, and neither takes new ones from now on.
      await Promise.all([app.close(), live.close()]);
      for (const cut of cuts) clearTimeout(cut);
      probeServer?.close();
      probeServer?.closeAllConnections();
      await apollo.stop();
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

/** A host at which a browser on this computer reaches a server that listens on `host`. */
function hostToCall(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return isIPv6(host) ? `[${host}]` : host;
}
