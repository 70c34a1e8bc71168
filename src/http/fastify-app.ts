import { createServer } from "node:http";
import { Readable } from "node:stream";
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { type RequestEntry, scopeOf } from "./request-entry.js";
import { answerBrokenRequest, commonHeaders, sendError, sendThrown } from "./response/error-answer.js";
import { encodeReply } from "./response/compression.js";
import { BODY_LIMIT_BYTES, BodyError, readBody } from "./request/request-body.js";
import { type RequestTelemetry, UNMATCHED } from "./request/request-log.js";

/** Enough for a token of 32 KiB and a query in the URL. */
const MAX_HEADER_BYTES = 65_536;

/** The time limit for receiving a whole request, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

function noSchemas(): never {
  throw new Error("Routes have no schemas.");
}

/**
 * A Fastify server without routes, which gets its requests from the request entry. Its errors have the form of GraphQL
 * errors, and it reads only application/json.
 * @param keepAliveTimeoutMs how long an idle connection stays open. It must be longer than the idle time-out of load
 *   balancers, so that they never send a request on a connection that the gateway is closing
 */
export function createFastify(
  telemetry: RequestTelemetry,
  requestEntry: RequestEntry,
  keepAliveTimeoutMs: number,
): FastifyInstance {
  const { logger } = telemetry;
  const begin = (request: FastifyRequest, reply: FastifyReply): void => {
    scopeOf(request.raw).route = request.routeOptions.url ?? UNMATCHED;
    reply.headers(commonHeaders(request.id)).header("vary", "Accept-Encoding");
  };
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    serverFactory: (handler) =>
      createServer(
        {
          keepAliveTimeout: keepAliveTimeoutMs,
          requestTimeout: REQUEST_TIMEOUT_MS,
          headersTimeout: 15_000,
          connectionsCheckingInterval: 5_000,
          maxHeaderSize: MAX_HEADER_BYTES,
          requireHostHeader: false,
        },
        requestEntry.wrap(handler),
      ),
    routerOptions: { ignoreTrailingSlash: true },
    // No route has a schema. Without these functions, Fastify loads Ajv at the start.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    // Requests on open connections are answered until the last connection is closed.
    return503OnClosing: false,
    genReqId: (request) => scopeOf(request).requestId,
    frameworkErrors: (error, request, reply) => {
      // Fastify runs no hooks for these requests.
      begin(request, reply);
      sendThrown(error, request, reply, logger);
    },
    clientErrorHandler: (error, socket) => {
      answerBrokenRequest(error, socket, telemetry);
    },
  });
  app.addHook("onRequest", (request, reply, done) => {
    begin(request, reply);
    // Node would answer with a status and no body.
    if (request.raw.httpVersion === "1.1" && request.headers.host === undefined) {
      sendError(reply, 400, "BAD_REQUEST", "HTTP/1.1 requires a Host header.");
    } else {
      done();
    }
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    // For a HEAD without a payload, Fastify would set a `content-length` of 0, but that of the GET differs. It sets none
    // for a stream.
    const isUnchanged = request.method === "HEAD" && reply.statusCode === 304;
    done(null, isUnchanged ? Readable.from([]) : encodeReply(request, reply, payload));
  });
  app.setErrorHandler((error, request, reply) => {
    sendThrown(error, request, reply, logger);
  });
  // Before the body is parsed: a method or path that does not exist is the first mistake to report. @fastify/cors has
  // answered preflight requests before; it has a route for all other OPTIONS requests.
  app.addHook("preParsing", (request, reply, payload, done) => {
    if (request.is404 || request.method === "OPTIONS") answerNoRoute(app, request, reply);
    else done(null, payload);
  });
  app.removeAllContentTypeParsers();
  // The error of an unreadable body is passed on as a value. If it were thrown, Fastify would close the connection.
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body: Buffer, done) => {
    try {
      done(null, readBody(request.headers, body));
    } catch (error) {
      done(null, error);
    }
  });
  app.addHook("preHandler", (request, reply, done) => {
    if (request.body instanceof BodyError) sendThrown(request.body, request, reply, logger);
    else done();
  });
  return app;
}

/** Looks up the allowed methods of a path, so that all paths answer in the same way. */
function answerNoRoute(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): void {
  const [path = "/"] = request.url.split("?", 1);
  const url = path.replace(/(?<=.)\/$/, "");
  const allowed = ["GET", "HEAD", "POST"].filter((method) => app.hasRoute({ method, url }));
  if (allowed.length === 0) {
    sendError(reply, 404, "BAD_REQUEST", "There is no resource at this path.");
    return;
  }
  reply.header("allow", [...allowed, "OPTIONS"].join(", "));
  if (request.method === "OPTIONS") reply.code(204).send();
  else sendError(reply, 405, "BAD_REQUEST", `${request.method} is not a method of this path.`);
}
