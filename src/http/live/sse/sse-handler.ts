import { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { type ExecutionResult } from "graphql";
import { createHandler, type Handler, type Response } from "graphql-sse";
import { sendError } from "../../response/error-answer.js";
import { type AllowedOrigins, isOfForeignPage } from "../../origins.js";
import { ALLOWED_BODY } from "../../request/request-body.js";
import { header } from "../../request/request-info.js";
import { varyAtGraph } from "../../response/vary.js";
import { type LiveConnections } from "../connections.js";
import { SseConnection } from "./sse-connection.js";
import { type LiveOperationParts, runLive } from "../live-operation.js";

export type SseHandlerParts = LiveOperationParts & {
  readonly connections: LiveConnections;
  readonly corsOrigins: AllowedOrigins;
  /** A client that takes nothing of what waits for it for so long is cut off, in milliseconds. */
  readonly stallMs: number;
};

const EVENT_STREAM = "text/event-stream";

/** Speaks graphql-sse, each operation on a connection of its own, at the path below the graph's. */
export function addSseHandler(app: FastifyInstance, parts: SseHandlerParts): void {
  const handle = createHandler<FastifyRequest, SseConnection>({
    // Streams with tokens are those that several operations share; here there are none.
    authenticate: () => null,
    onSubscribe: ({ context: stream }, { query, operationName, variables, extensions }) => {
      if (!isName(operationName)) return badRequest("Invalid operationName");
      const results = runLive(parts, stream, { query, operationName, variables, extensions });
      return stream.eventsOf(results) as AsyncIterable<ExecutionResult>;
    },
  });
  const route = (request: FastifyRequest, reply: FastifyReply): Promise<void> =>
    answer(parts, handle, request, reply);
  app.get("/graphql/stream", { exposeHeadRoute: false }, route);
  app.post("/graphql/stream", route);
}

async function answer(
  parts: SseHandlerParts,
  handle: Handler<FastifyRequest, SseConnection>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  varyAtGraph(reply);
  if (refuse(parts, request, reply)) return;
  const { connections, stallMs } = parts;
  const stream = new SseConnection(reply.raw, request.id, request.headers, stallMs);
  reply.raw.once("close", connections.add(stream));
  const [body, { status }] = await handle({
    method: request.method,
    url: request.url,
    // It knows this one type by itself alone.
    headers: { get: (name) => (name === "accept" ? EVENT_STREAM : header(request, name)) },
    body: typeof request.body === "object" ? { ...request.body } : null,
    raw: request,
    context: stream,
  });
  if (body === null || typeof body === "string") {
    sendError(reply, status, "BAD_REQUEST", messageOf(body));
    return;
  }
  reply.hijack();
  // Those that are there already, CORS's among them; and proxies shall not keep what is sent until there is more.
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.raw.writeHead(status, {
    "content-type": `${EVENT_STREAM}; charset=utf-8`,
    "x-accel-buffering": "no",
  });
  await stream.send(body);
}

/** Refuses what the graph's own path refuses, too, and what does not ask for a stream. */
function refuse(
  { connections, corsOrigins }: SseHandlerParts,
  request: FastifyRequest,
  reply: FastifyReply,
): boolean {
  const { headers, method } = request;
  if (method === "GET" && isOfForeignPage(headers, corsOrigins)) {
    sendError(reply, 403, "FORBIDDEN", "Pages of other sites may not subscribe here.");
  } else if (method === "POST" && headers["content-type"] === undefined) {
    sendError(reply, 415, "BAD_REQUEST", ALLOWED_BODY);
  } else if (!(headers.accept ?? "").includes(EVENT_STREAM)) {
    sendError(reply, 406, "BAD_REQUEST", `Answers here are a stream: send Accept: ${EVENT_STREAM}.`);
  } else if (reply.raw.socket === null) {
    // Node would tell such a response neither that its client has left nor that it does not read.
    const message =
      "A stream may not be asked for while the connection still answers an earlier request (pipelining).";
    sendError(reply, 400, "BAD_REQUEST", message);
  } else if (connections.refusal !== null) {
    const { status, code, message } = connections.refusal;
    sendError(reply, status, code, message);
  } else {
    return false;
  }
  return true;
}

/** The one part of a request that graphql-sse takes whatever it is. */
function isName(operationName: unknown): boolean {
  return operationName === undefined || operationName === null || typeof operationName === "string";
}

/** In the form of what graphql-sse itself says is wrong. */
function badRequest(message: string): Response {
  return [JSON.stringify({ errors: [{ message }] }), { status: 400, statusText: "Bad Request" }];
}

/** What graphql-sse says is wrong with a request. */
function messageOf(body: string | null): string {
  const parsed = JSON.parse(body ?? "null") as { errors?: { message: string }[] } | null;
  return parsed?.errors?.[0]?.message ?? "This is not a request for a stream.";
}
