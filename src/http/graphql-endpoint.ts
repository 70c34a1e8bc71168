import { type ApolloServer, HeaderMap, type HTTPGraphQLRequest } from "@apollo/server";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { type OperationContext } from "../graphql/context.js";
import { ABANDONED, type Metrics } from "../observability/metrics.js";
import { tracedOperation } from "../observability/request-channels.js";
import { scopeOf } from "./door.js";
import { sendError } from "./response/error-answer.js";
import { type OperationReports } from "./operation-reports.js";
import { type FastLane } from "./fast-lane.js";
import { type AllowedOrigins, isOfForeignPage } from "./origins.js";
import { ALLOWED_BODY } from "./request/request-body.js";
import { setCacheHeaders } from "./response/http-caching.js";
import { searchOf } from "./request/request-info.js";
import { varyAtGraph } from "./response/vary.js";

export type GraphQLEndpointParts = {
  readonly apollo: ApolloServer<OperationContext>;
  /** Whether callers identify themselves by a JWT. */
  readonly isByJwt: boolean;
  readonly reports: OperationReports;
  readonly metrics: Metrics;
  readonly corsOrigins: AllowedOrigins;
  /** Learns from the answers that are sent here; null where there is no fast lane. */
  readonly lane: FastLane | null;
};

// A reply that is returned is waited for until its last byte is out; there is nothing to do after that.
type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** GraphQL over HTTP: what the protocol asks of GET and POST before Apollo Server takes over. */
export function graphqlEndpoint(parts: GraphQLEndpointParts): {
  readonly get: Handler;
  readonly post: Handler;
} {
  return {
    get: async (request, reply) => {
      if (isOfForeignPage(request.headers, parts.corsOrigins)) {
        sendError(reply, 403, "FORBIDDEN", "Pages of other sites may not query here.");
      } else {
        await answer(parts, request, reply);
      }
    },
    post: async (request, reply) => {
      // A body of another type never gets here; this is a request with neither body nor type.
      if (request.headers["content-type"] === undefined) {
        sendError(reply, 415, "BAD_REQUEST", ALLOWED_BODY);
      } else {
        await answer(parts, request, reply);
      }
    },
  };
}

async function answer(
  parts: GraphQLEndpointParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { apollo, isByJwt, lane, metrics, reports } = parts;
  const scope = scopeOf(request.raw);
  const httpGraphQLRequest = toApollo(request);
  const context = await scope.loadContext();
  const answered = await tracedOperation.run(
    () => ({ request: request.raw, way: "apollo" }),
    () => apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: () => Promise.resolve(context) }),
  );
  const { report, valid = null } = reports.of(httpGraphQLRequest) ?? {};
  scope.operation = report ?? {
    operationName: null,
    code: (answered.status ?? 200) < 500 ? "BAD_REQUEST" : "INTERNAL_SERVER_ERROR",
  };
  const { code } = scope.operation;
  metrics.countOperation(code !== null && reply.raw.destroyed ? ABANDONED : code);
  varyAtGraph(reply, isByJwt).code(answered.status ?? 200);
  for (const [name, value] of answered.headers) reply.header(name, value);
  const { body } = answered;
  if (body.kind !== "complete") throw new Error("The answer came in pieces.");
  const isGood = code === null && reply.statusCode === 200;
  if (isGood && valid !== null) lane?.learn(scope, reply.getHeaders(), valid);
  if (isGood && setCacheHeaders(request, reply, body.string, context)) {
    reply.removeHeader("content-type").code(304).send();
  } else {
    reply.send(body.string);
  }
}

function toApollo(request: FastifyRequest): HTTPGraphQLRequest {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  // HEAD is GET without the body, which Node leaves out by itself.
  const method = request.method === "HEAD" ? "GET" : request.method;
  return { method, headers, search: searchOf(request), body: request.body };
}
