import { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { type LiveRequest } from "../../../graphql/live/live-call.js";
import { sendError } from "../../response/error-answer.js";
import { scopeOf } from "../../request-entry.js";
import { type AllowedOrigins, isFromForeignPage } from "../../origins.js";
import { ALLOWED_BODY } from "../../request/request-body.js";
import { header } from "../../request/request-info.js";
import { NO_JOBS } from "../../request/request-log.js";
import { varyAtGraph } from "../../response/vary.js";
import { callerKey } from "../caller-key.js";
import { type ConnectionClient, type LiveConnections } from "../connections.js";
import { type LiveOperationParts } from "../live-operation.js";
import { END_ID, SseConnection } from "./sse-connection.js";
import { acceptsEventStream, BadStreamRequest, EVENT_STREAM, streamRequest } from "./sse-request.js";

export type SseHandlerParts = LiveOperationParts & {
  readonly connections: LiveConnections;
  readonly corsOrigins: AllowedOrigins;
  /** Whether requests may name their documents by ID. */
  readonly takesDocumentIds: boolean;
  /** A connection is closed if its client reads none of the waiting data for this time, in milliseconds. */
  readonly stallMs: number;
  /** The header that callers must send; null if they need none. */
  readonly credentialsHeader: string | null;
};

/** Answers a request with an event stream. */
export type AnswerStream = (request: FastifyRequest, reply: FastifyReply) => void;

const STREAM_PATH = "/graphql/stream";

/** The longest `Last-Event-ID`. Browsers send the event ID back unchanged, and cursors are shorter. */
const EVENT_ID_MAX = 1_024;

/** Serves graphql-sse at the path below the GraphQL path, in distinct connections mode. */
export function addSseHandler(app: FastifyInstance, answer: AnswerStream): void {
  const route = (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!acceptsEventStream(request)) {
      varyAtGraph(reply);
      sendError(
        reply,
        406,
        "BAD_REQUEST",
        `This path answers with an event stream. Send Accept: ${EVENT_STREAM}.`,
      );
    } else {
      answer(request, reply);
    }
    return Promise.resolve();
  };
  app.get(STREAM_PATH, { exposeHeadRoute: false }, route);
  app.post(STREAM_PATH, route);
}

export function createSseHandler(parts: SseHandlerParts): AnswerStream {
  return (request, reply) => {
    varyAtGraph(reply);
    const { hashToken, credentialsHeader } = parts;
    const { remoteAddress: address = "" } = request.raw.socket;
    const caller = callerKey(request.headers, address, hashToken, credentialsHeader);
    if (refuse(parts, { caller, address }, request, reply)) return;
    const eventId = header(request, "last-event-id") ?? "";
    if (eventId === END_ID) {
      // After 204, a browser's EventSource does not reconnect.
      reply.code(204).send();
      return;
    }
    let operation: LiveRequest;
    try {
      operation = streamRequest(request, parts.takesDocumentIds);
    } catch (error) {
      if (!(error instanceof BadStreamRequest)) throw error;
      sendError(reply, 400, "BAD_REQUEST", error.message);
      return;
    }
    const scope = scopeOf(request.raw);
    // Also for a stream at the GraphQL path: it can last for hours, which would spoil the durations of answers there.
    scope.route = STREAM_PATH;
    const { connections, stallMs } = parts;
    const stream = new SseConnection(
      reply.raw,
      request.id,
      headersOf(request),
      stallMs,
      (logged) => {
        scope.stream = logged;
      },
      () => {
        connections.markVerified(stream);
      },
    );
    reply.raw.once("close", connections.add(stream, { caller, address }));
    begin(reply);
    stream.start(parts, operation, eventId === "" ? null : eventId.slice(0, EVENT_ID_MAX));
  };
}

/** Removes `Cache-Control: no-cache`: a browser's EventSource always sends it, without a request of the page. */
function headersOf({ method, headers }: FastifyRequest): FastifyRequest["headers"] {
  if (method !== "GET" || headers["cache-control"] === undefined) return headers;
  const kept = { ...headers };
  delete kept["cache-control"];
  return kept;
}

function begin(reply: FastifyReply): void {
  reply.hijack();
  // The headers that are already set, such as those of CORS, and a header that stops proxies from buffering events.
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.raw.writeHead(200, {
    "content-type": `${EVENT_STREAM}; charset=utf-8`,
    "x-accel-buffering": "no",
  });
}

/** Refuses requests of other origins, as the GraphQL path does, and requests above the limit of connections. */
function refuse(
  { callerOf, connections, corsOrigins }: SseHandlerParts,
  client: ConnectionClient,
  request: FastifyRequest,
  reply: FastifyReply,
): boolean {
  const { headers, method } = request;
  const refusal = connections.refusalOf(client);
  if (method === "GET" && isFromForeignPage(headers, corsOrigins)) {
    sendError(reply, 403, "FORBIDDEN", "This origin is not allowed to subscribe.");
  } else if (method === "POST" && headers["content-type"] === undefined) {
    sendError(reply, 415, "BAD_REQUEST", ALLOWED_BODY);
  } else if (reply.raw.socket === null) {
    // For a pipelined request, Node reports neither that the client has left nor that it does not read.
    const message =
      "An event stream cannot be requested while the connection still answers an earlier request (pipelining).";
    sendError(reply, 400, "BAD_REQUEST", message);
  } else if (refusal !== null) {
    scopeOf(request.raw).stream = { caller: callerOf(headers), jobs: NO_JOBS };
    sendError(reply, refusal.status, refusal.code, refusal.message);
  } else {
    return false;
  }
  return true;
}
