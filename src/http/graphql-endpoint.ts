import { type ApolloServer, HeaderMap, type HTTPGraphQLRequest } from "@apollo/server";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { type OperationContext } from "../graphql/context.js";
import { ABANDONED, type Metrics } from "../observability/metrics/metrics.js";
import { tracedOperation } from "../observability/request-channels.js";
import { type UpstreamTimes } from "../observability/upstream-times.js";
import { scopeOf } from "./request-entry.js";
import { sendError } from "./response/error-answer.js";
import { type OperationReports } from "./operation-reports.js";
import { type FastPathHandler } from "./fast-path-handler.js";
import { type AllowedOrigins, isFromForeignPage } from "./origins.js";
import { searchWithPersistedQuery, withPersistedQuery } from "./request/document-id.js";
import { ALLOWED_BODY } from "./request/request-body.js";
import { setCacheHeaders } from "./response/http-caching.js";
import { searchOf } from "./request/request-info.js";
import { type OperationAnswer, runOperation } from "./run-operation.js";
import { setServerTiming } from "./response/server-timing.js";
import { varyAtGraph } from "./response/vary.js";

export type GraphQLEndpointParts = {
  readonly apollo: ApolloServer<OperationContext>;
  /** Whether JWTs identify the callers. */
  readonly isByJwt: boolean;
  readonly reports: OperationReports;
  readonly metrics: Metrics;
  readonly corsOrigins: AllowedOrigins;
  /** Whether requests may name their documents by ID. */
  readonly takesDocumentIds: boolean;
  /** The maximum number of operations in one request; 0 refuses batches. */
  readonly batchMax: number;
  /** Whether all answers that Apollo Server makes have `Server-Timing`, or those that show the sources of their data. */
  readonly serverTiming: "always" | "asked";
  readonly upstreamTimes: UpstreamTimes;
  /** The fast path, which stores the headers of answers; null if it is off. */
  readonly fastHandler: FastPathHandler | null;
};

// Handlers return no reply: Fastify would wait until its last byte is sent, and nothing has to be done after that.
type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** GraphQL over HTTP: the rules for GET and POST that apply before Apollo Server gets a request. */
export function graphqlEndpoint(parts: GraphQLEndpointParts): {
  readonly get: Handler;
  readonly post: Handler;
} {
  return {
    get: async (request, reply) => {
      if (isFromForeignPage(request.headers, parts.corsOrigins)) {
        sendError(reply, 403, "FORBIDDEN", "This origin is not allowed to send queries.");
      } else {
        await answer(parts, request, reply);
      }
    },
    post: async (request, reply) => {
      // Bodies of other types are refused before this point. This request has neither a body nor a type.
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
  const { batchMax, isByJwt, fastHandler, metrics, serverTiming, takesDocumentIds, upstreamTimes } = parts;
  const operations: readonly unknown[] = Array.isArray(request.body) ? request.body : [request.body];
  const isBatch = Array.isArray(request.body);
  if (isBatch && (operations.length === 0 || operations.length > batchMax)) {
    sendError(reply, 400, "BAD_REQUEST", batchRefusal(batchMax));
    return;
  }
  const scope = scopeOf(request.raw);
  const own = await scope.loadContext();
  // One context for all, so the operations of a batch share one budget, and are priced as one operation.
  const context = isBatch ? { ...own, batch: {} } : own;
  const asked = toApollo(request, takesDocumentIds);
  const runAll = (): Promise<OperationAnswer[]> =>
    Promise.all(
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
  const isTimed = serverTiming === "always" || context.cache.isShown;
  const answers = await (isTimed
    ? upstreamTimes.during(scope.requestId, async (time) => {
        const timed = await runAll();
        setServerTiming(reply, scope.startedMs, time, context.cache);
        return timed;
      })
    : runAll());
  for (const { report } of answers) {
    metrics.countOperation(report.code !== null && reply.raw.destroyed ? ABANDONED : report.code);
  }
  const [first] = answers;
  if (first === undefined) throw new Error("The batch has no operation.");
  const code = answers.find(({ report }) => report.code !== null)?.report.code ?? null;
  scope.operation = { ...first.report, code, ...(isBatch && { operations: operations.length }) };
  // The batch has status 429 only if each of its operations has it.
  const head = answers.find(({ status }) => status !== 429) ?? first;
  const status = isBatch && head.status !== 429 ? 200 : head.status;
  varyAtGraph(reply, isByJwt).code(status);
  for (const [name, value] of head.headers) {
    // Apollo Server allows clients to cache "persisted query not found", which can become wrong at any time.
    if (name !== "cache-control") reply.header(name, value);
  }
  if (isBatch) {
    reply.send(`[${answers.map(({ body }) => body.trimEnd()).join(",")}]\n`);
    return;
  }
  const isGood = code === null && status === 200;
  if (isGood && first.valid !== null) fastHandler?.learn(scope, reply.getHeaders(), first.valid);
  if (isGood && setCacheHeaders(request, reply, first.body, context)) {
    reply.removeHeader("content-type").code(304).send();
  } else {
    reply.send(first.body);
  }
}

function batchRefusal(batchMax: number): string {
  return batchMax === 0
    ? "Batches (arrays of operations) are not allowed."
    : `A batch must contain 1 to ${batchMax} operations.`;
}

function toApollo(request: FastifyRequest, takesDocumentIds: boolean): HTTPGraphQLRequest {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  // HEAD is GET without the body, which Node omits.
  const method = request.method === "HEAD" ? "GET" : request.method;
  const given = searchOf(request);
  const search = takesDocumentIds && method === "GET" ? searchWithPersistedQuery(given) : given;
  return { method, headers, search, body: request.body };
}
