import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { answerBrokenRequest, commonHeaders, sendError, sendThrown } from "./response/error-answer.js";
import { encodeReply } from "./response/compression.js";
import { BODY_LIMIT_BYTES, readBody } from "./request/request-body.js";
import { requestIdOf } from "./request/request-id.js";
import { logRequest, type RequestTelemetry } from "./request/request-log.js";

/** Room for a token of 32 KiB and a query in the URL. */
const MAX_HEADER_BYTES = 65_536;

/**
 * A server without routes whose errors are all GraphQL-shaped, and that reads bodies of application/json only. It logs
 * and counts whatever it answers.
 */
export function createFastify(sinks: RequestTelemetry): FastifyInstance {
  const { logger } = sinks;
  const begin = (request: FastifyRequest, reply: FastifyReply): void => {
    logRequest(request, reply, sinks);
    reply.headers(commonHeaders(request.id)).header("vary", "Accept-Encoding");
  };
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    // Longer than load balancers keep an idle connection, so that none meets one that is just being closed.
    keepAliveTimeout: 75_000,
    requestTimeout: 30_000,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: 15_000,
      connectionsCheckingInterval: 5_000,
      requireHostHeader: false,
    },
    // Requests on connections that are still open are answered until the last one is closed.
    return503OnClosing: false,
    genReqId: (request) => requestIdOf(request.headers["x-request-id"]),
    frameworkErrors: (error, request, reply) => {
      // No hook is run for these.
      begin(request, reply);
      sendThrown(error, request, reply, logger);
    },
    clientErrorHandler: (error, socket) => {
      answerBrokenRequest(error, socket, sinks);
    },
  });
  app.decorateRequest("operation", null);
  app.addHook("onRequest", (request, reply, done) => {
    begin(request, reply);
    // Node would answer by itself, with nothing but a status.
    if (request.raw.httpVersion === "1.1" && request.headers.host === undefined) {
      sendError(reply, 400, "BAD_REQUEST", "HTTP/1.1 asks for a Host header.");
    } else {
      done();
    }
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    done(null, encodeReply(request, reply, payload));
  });
  app.setErrorHandler((error, request, reply) => {
    sendThrown(error, request, reply, logger);
  });
  // Methods are looked up here and not given routes of their own, so that every path answers alike.
  app.setNotFoundHandler((request, reply) => {
    const [path = "/"] = request.url.split("?", 1);
    const allowed = ["GET", "HEAD", "POST"].filter((method) => app.hasRoute({ method, url: path }));
    if (allowed.length === 0) return sendError(reply, 404, "BAD_REQUEST", "There is nothing at this path.");
    reply.header("allow", [...allowed, "OPTIONS"].join(", "));
    if (request.method === "OPTIONS") return reply.code(204).send();
    return sendError(reply, 405, "BAD_REQUEST", `${request.method} is not a method of this path.`);
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body: Buffer, done) => {
    try {
      done(null, readBody(request.headers, body));
    } catch (error) {
      done(error as Error);
    }
  });
  return app;
}
