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
import { searchWithPersistedQuery, withPersistedQuery } from "./request/document-id.js";
import { ALLOWED_BODY } from "./request/request-body.js";
import { setCacheHeaders } from "./response/http-caching.js";
import { searchOf } from "./request/request-info.js";
import { runOperation } from "./run-operation.js";
import { varyAtGraph } from "./response/vary.js";

export type GraphQLEndpointParts = {
  readonly apollo: ApolloServer<OperationContext>;
  /** Whether callers identify themselves by a JWT. */
  readonly isByJwt: boolean;
  readonly reports: OperationReports;
  readonly metrics: Metrics;
  readonly corsOrigins: AllowedOrigins;
  /** Whether documents have IDs. */
  readonly takesDocumentIds: boolean;
  /** The most operations in one request; 0 refuses arrays. */
  readonly batchMax: number;
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
  const { batchMax, isByJwt, lane, metrics, takesDocumentIds } = parts;
  const operations: readonly unknown[] = Array.isArray(request.body) ? request.body : [request.body];
  const isBatch = Array.isArray(request.body);
  if (isBatch && (operations.length === 0 || operations.length > batchMax)) {
    sendError(reply, 400, "BAD_REQUEST", batchRefusal(batchMax));
    return;
  }
  const scope = scopeOf(request.raw);
  const context = await scope.loadContext();
  const asked = toApollo(request, takesDocumentIds);
  // One context: the operations of a batch share the budget of upstream calls of one operation.
  const answers = await Promise.all(
    operations.map((body) =>
      tracedOperation.run(
        () => ({ request: request.raw, way: "apollo" }),
        () =>
          runOperation(
            parts,
            { ...asked, body: takesDocumentIds ? withPersistedQuery(body) : body },
            context,
          ),
      ),
    ),
  );
  for (const { report } of answers) {
    metrics.countOperation(report.code !== null && reply.raw.destroyed ? ABANDONED : report.code);
  }
  const [first] = answers;
  if (first === undefined) throw new Error("There is no operation.");
  const code = answers.find(({ report }) => report.code !== null)?.report.code ?? null;
  scope.operation = { ...first.report, code, ...(isBatch && { operations: operations.length }) };
  // A batch is refused as a whole where each of its operations is.
  const head = answers.find(({ status }) => status !== 429) ?? first;
  const status = isBatch && head.status !== 429 ? 200 : head.status;
  varyAtGraph(reply, isByJwt).code(status);
  for (const [name, value] of head.headers) {
    // Apollo Server lets clients keep "persisted query not found", which stops being true at any moment.
    if (name !== "cache-control") reply.header(name, value);
  }
  if (isBatch) {
    reply.send(`[${answers.map(({ body }) => body.trimEnd()).join(",")}]\n`);
    return;
  }
  const isGood = code === null && status === 200;
  if (isGood && first.valid !== null) lane?.learn(scope, reply.getHeaders(), first.valid);
  if (isGood && setCacheHeaders(request, reply, first.body, context)) {
    reply.removeHeader("content-type").code(304).send();
  } else {
    reply.send(first.body);
  }
}

function batchRefusal(batchMax: number): string {
  return batchMax === 0
    ? "An array of operations is not accepted here."
    : `An array of operations holds 1 to ${batchMax} of them.`;
}

function toApollo(request: FastifyRequest, takesDocumentIds: boolean): HTTPGraphQLRequest {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  // HEAD is GET without the body, which Node leaves out by itself.
  const method = request.method === "HEAD" ? "GET" : request.method;
  const given = searchOf(request);
  const search = takesDocumentIds && method === "GET" ? searchWithPersistedQuery(given) : given;
  return { method, headers, search, body: request.body };
}
