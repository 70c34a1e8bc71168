import { fastify, type FastifyInstance } from "fastify";
import { type Logger } from "../observability/logger.js";
import { answerBrokenRequest, sendError, sendThrown } from "./error-answer.js";
import { requestIdOf } from "./request-id.js";

const BODY_LIMIT_BYTES = 262_144;
/** Room for a token of 32 KiB and a query in the URL. */
const MAX_HEADER_BYTES = 65_536;

/** A server without routes whose errors are all GraphQL-shaped, and that reads bodies of application/json only. */
export function createFastify(logger: Logger): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    // Longer than load balancers keep an idle connection, so that none meets one that is just being closed.
    keepAliveTimeout: 75_000,
    requestTimeout: 30_000,
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: 15_000, connectionsCheckingInterval: 5_000 },
    // Requests on connections that are still open are answered until the last one is closed.
    return503OnClosing: false,
    genReqId: (request) => requestIdOf(request.headers["x-request-id"]),
    frameworkErrors: (error, request, reply) => {
      reply.header("x-request-id", request.id);
      sendThrown(error, request, reply, logger);
    },
    clientErrorHandler: answerBrokenRequest,
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
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, JSON.parse(body.toString()));
    } catch {
      done(Object.assign(new Error("The request's body is not JSON."), { statusCode: 400 }));
    }
  });
  return app;
}
