import { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { type LiveRequest } from "../../../graphql/live/live-call.js";
import { sendError } from "../../response/error-answer.js";
import { type AllowedOrigins, isOfForeignPage } from "../../origins.js";
import { ALLOWED_BODY } from "../../request/request-body.js";
import { header } from "../../request/request-info.js";
import { varyAtGraph } from "../../response/vary.js";
import { callerKey } from "../caller-key.js";
import { type LiveConnections } from "../connections.js";
import { type LiveOperationParts } from "../live-operation.js";
import { END_ID, SseConnection } from "./sse-connection.js";
import { BadStreamRequest, EVENT_STREAM, streamRequest } from "./sse-request.js";

export type SseHandlerParts = LiveOperationParts & {
  readonly connections: LiveConnections;
  readonly corsOrigins: AllowedOrigins;
  /** Whether requests may name their documents by ID. */
  readonly takesDocumentIds: boolean;
  /** A client that takes nothing of what waits for it for so long is cut off, in milliseconds. */
  readonly stallMs: number;
  /** Stands for a token in keys. */
  readonly hashToken: (token: string) => string;
};

/** Answers a request by a stream of events. */
export type AnswerStream = (request: FastifyRequest, reply: FastifyReply) => void;

/** A browser sends the event ID as it got it; a cursor is shorter. */
const EVENT_ID_MAX = 1_024;

/** Speaks graphql-sse, each operation on a connection of its own, at the path below the graph's. */
export function addSseHandler(app: FastifyInstance, answer: AnswerStream): void {
  const route = (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!(request.headers.accept ?? "").includes(EVENT_STREAM)) {
      varyAtGraph(reply);
      sendError(reply, 406, "BAD_REQUEST", `Answers here are a stream: send Accept: ${EVENT_STREAM}.`);
    } else {
      answer(request, reply);
    }
    return Promise.resolve();
  };
  app.get("/graphql/stream", { exposeHeadRoute: false }, route);
  app.post("/graphql/stream", route);
}

export function createSseHandler(parts: SseHandlerParts): AnswerStream {
  return (request, reply) => {
    varyAtGraph(reply);
    const caller = callerKey(request.headers, request.raw.socket.remoteAddress, parts.hashToken);
    if (refuse(parts, caller, request, reply)) return;
    const eventId = header(request, "last-event-id") ?? "";
    if (eventId === END_ID) {
      // A browser's EventSource reconnects after everything but this.
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
    const stream = new SseConnection(reply.raw, request.id, headersOf(request), parts.stallMs);
    reply.raw.once("close", parts.connections.add(stream, caller));
    begin(reply);
    stream.start(parts, operation, eventId === "" ? null : eventId.slice(0, EVENT_ID_MAX));
  };
}

/** An EventSource of a browser always sends `Cache-Control: no-cache`, which nobody has asked for. */
function headersOf({ method, headers }: FastifyRequest): FastifyRequest["headers"] {
  if (method !== "GET" || headers["cache-control"] === undefined) return headers;
  const kept = { ...headers };
  delete kept["cache-control"];
  return kept;
}

function begin(reply: FastifyReply): void {
  reply.hijack();
  // The headers that are set already, CORS's among them; and proxies must not hold back events until there are more.
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.raw.writeHead(200, {
    "content-type": `${EVENT_STREAM}; charset=utf-8`,
    "x-accel-buffering": "no",
  });
}

/** Refuses the requests that the graph's own path refuses, too, and those for which there is no room. */
function refuse(
  { connections, corsOrigins }: SseHandlerParts,
  caller: string,
  request: FastifyRequest,
  reply: FastifyReply,
): boolean {
  const { headers, method } = request;
  const refusal = connections.refusalOf(caller);
  if (method === "GET" && isOfForeignPage(headers, corsOrigins)) {
    sendError(reply, 403, "FORBIDDEN", "Pages of other sites may not subscribe here.");
  } else if (method === "POST" && headers["content-type"] === undefined) {
    sendError(reply, 415, "BAD_REQUEST", ALLOWED_BODY);
  } else if (reply.raw.socket === null) {
    // Node would tell such a response neither that its client has left nor that it does not read.
    const message =
      "A stream may not be asked for while the connection still answers an earlier request (pipelining).";
    sendError(reply, 400, "BAD_REQUEST", message);
  } else if (refusal !== null) {
    sendError(reply, refusal.status, refusal.code, refusal.message);
  } else {
    return false;
  }
  return true;
}
