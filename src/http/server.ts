import { type AddressInfo, isIPv6 } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { type ApolloServer } from "@apollo/server";
import { type FastifyInstance } from "fastify";
import { GatewayError } from "../errors.js";
import { type FastPath } from "../fastpath/fast-path.js";
import { type OperationContext } from "../graphql/context.js";
import { type RunLive } from "../graphql/live/live-graph.js";
import { type Logger } from "../observability/logger.js";
import { type Metrics } from "../observability/metrics.js";
import { type OperationDeadline, startDeadline } from "./request/deadline.js";
import { type ExplorerExample } from "./explorer/explorer-page.js";
import { sendExplorer, wantsExplorer } from "./explorer/explorer.js";
import { type FastLaneParts, openFastLane } from "./fast-lane.js";
import { createFastify } from "./fastify-app.js";
import { type JwtCheck } from "./jwt/jwt-check.js";
import { graphqlEndpoint } from "./graphql-endpoint.js";
import { type LiveLimits, openLive } from "./live/live.js";
import { createOperationReports, shownName } from "./operation-reports.js";
import { allowOrigins } from "./cors.js";
import { type AllowedOrigins } from "./origins.js";
import { trackSockets } from "./open-sockets.js";
import { addProbes } from "./probes.js";
import { type Asking, type RequestInfo, requestInfo } from "./request/request-info.js";
import { logResponse } from "./request/request-log.js";
import { ALLOWED } from "./caller-authorization.js";

/** What the server is made of. */
export type HttpServerParts = {
  /** Not started yet: the server adds plugins of its own and starts it. */
  readonly apollo: ApolloServer<OperationContext>;
  readonly createContext: (facts: RequestInfo) => OperationContext;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly corsOrigins: AllowedOrigins;
  /** What answers operations that were answered before; null where it is switched off. */
  readonly fastPath: FastPath | null;
  /** What looks at callers' JWTs; null where no more is asked of them. */
  readonly jwt: JwtCheck | null;
  /** Stands for a token in keys. */
  readonly hashToken: (token: string) => string;
  /** The deadline of one operation, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** What the explorer page starts with; null for no such page. */
  readonly explorer: ExplorerExample | null;
  /** What runs operations on connections that stay open, and how these are bounded. */
  readonly live: LiveLimits & { readonly run: RunLive };
  /** Waits for the delay of a shutdown, in milliseconds; for tests. */
  readonly waitForDelay?: (ms: number) => Promise<void>;
};

/** How long a shutdown may take, both counted from its start, in milliseconds. */
export type DrainLimits = { readonly delayMs: number; readonly graceMs: number };

export type HttpServer = {
  /** @returns the URL of the graph, with the port that was really taken */
  listen(host: string, port: number): Promise<string>;
  /** Says at `/readyz` that it goes, still takes connections for the delay, then answers what is in flight. */
  drain(limits: DrainLimits): Promise<void>;
};

/** What is on its way to the server when it closes may still come in, for so long, in milliseconds. */
const LAST_CALL_MS = 1_000;

export async function createHttpServer(parts: HttpServerParts): Promise<HttpServer> {
  const { apollo, jwt, logger, metrics, waitForDelay = wait } = parts;
  const reports = createOperationReports();
  apollo.addPlugin(reports.plugin);
  await apollo.start();
  let draining = false;
  const inFlight = new Set<OperationDeadline>();
  // The one place where what a request says of its caller becomes the context of an operation.
  const contextOf = async (asking: Asking, deadline: OperationDeadline): Promise<OperationContext> => {
    const { authorization } = asking.headers;
    const standing =
      jwt === null ? ALLOWED : (jwt.known(authorization) ?? (await jwt.check(authorization, deadline)));
    return parts.createContext(requestInfo(asking, deadline, standing));
  };
  const app = createFastify({ logger, metrics });
  const lane = parts.fastPath === null ? null : openFastLane(app.server, laneParts(parts.fastPath));
  const sockets = trackSockets(app.server);
  app.addHook("onSend", (_request, reply, _payload, done) => {
    if (draining) reply.header("connection", "close");
    done();
  });
  await allowOrigins(app, parts.corsOrigins);
  addProbes(app, metrics.registry, () => !draining);
  addGraphQL(
    app,
    parts,
    graphqlEndpoint({ ...parts, contextOf, isByJwt: jwt !== null, lane, reports, inFlight }),
  );
  const closeLive = openLive(app, { ...parts, ...parts.live, contextOf, inFlight }, parts.live);

  function laneParts(fastPath: FastPath): FastLaneParts {
    return {
      fastPath,
      isAuthorized: jwt === null ? null : ({ headers }) => jwt.known(headers.authorization) !== null,
      hashToken: parts.hashToken,
      isDraining: () => draining,
      begin: ({ headers }, response, requestId) => {
        const deadline = startDeadline(parts.requestTimeoutMs, response);
        inFlight.add(deadline);
        // Who comes here may ask, and what a POST is answered is kept by nobody.
        const facts = requestInfo({ id: requestId, headers }, deadline, ALLOWED);
        return { context: parts.createContext(facts), end: () => inFlight.delete(deadline) };
      },
      observe: (response, { requestId, operationName, startedMs, way }) => {
        metrics.countOperation(null);
        metrics.countFastAnswer(way);
        const operation = { operationName: shownName(operationName), code: null };
        const story = { requestId, method: "POST", route: "/graphql", operation };
        logResponse(response, { logger, metrics }, () => story, startedMs);
      },
    };
  }

  return {
    listen: async (host, port) => {
      await app.listen({ host, port });
      return `http://${hostToCall(host)}:${(app.server.address() as AddressInfo).port}/graphql`;
    },
    drain: async ({ delayMs, graceMs }) => {
      draining = true;
      // What is left of the grace is for the answers to go out, and for other connections to be closed.
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
        setTimeout(sockets.destroyUnasked, delayMs + LAST_CALL_MS),
      ];
      await waitForDelay(delayMs);
      // Both at once: a connection that stays open would hold the closing up, and neither takes new ones from now on.
      await Promise.all([app.close(), closeLive()]);
      for (const cut of cuts) clearTimeout(cut);
      await apollo.stop();
    },
  };
}

function addGraphQL(
  app: FastifyInstance,
  { explorer }: HttpServerParts,
  { get, post }: ReturnType<typeof graphqlEndpoint>,
): void {
  app.post("/graphql", post);
  if (explorer === null) {
    app.get("/graphql", get);
    return;
  }
  app.get("/", (_request, reply) => sendExplorer(reply, explorer));
  app.get("/graphql", async (request, reply) => {
    if (wantsExplorer(request)) sendExplorer(reply, explorer);
    else await get(request, reply);
  });
}

/** A host at which a browser on this computer reaches what listens on `host`. */
function hostToCall(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return isIPv6(host) ? `[${host}]` : host;
}
