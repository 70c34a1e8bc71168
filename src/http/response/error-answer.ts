import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import { type Socket } from "node:net";
import { type Duplex } from "node:stream";
import { type FastifyReply, type FastifyRequest } from "fastify";
import { GATEWAY_ERRORS, type GatewayErrorCode } from "../../errors.js";
import { type Logger } from "../../observability/logger.js";
import { ALLOWED_BODY } from "../request/request-body.js";
import { logSocketAnswer, type RequestTelemetry } from "../request/request-log.js";

/** The gateway's codes, and Apollo Server's code for a request without an operation. */
type AnswerCode = GatewayErrorCode | "BAD_REQUEST";

/** The body of an answer to a request without an operation, in the form of GraphQL answers. */
function errorBody(code: AnswerCode, message: string): string {
  const retryable = code !== "BAD_REQUEST" && GATEWAY_ERRORS[code].retryable;
  return `${JSON.stringify({ errors: [{ message, extensions: { code, retryable } }] })}\n`;
}

export function sendError(
  reply: FastifyReply,
  status: number,
  code: AnswerCode,
  message: string,
): FastifyReply {
  return reply.code(status).type("application/json; charset=utf-8").send(errorBody(code, message));
}

/** Answers a request that Fastify refuses, or whose route threw an error. A thrown error is a fault of the gateway. */
export function sendThrown(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): void {
  const status = statusOf(error);
  if (status === 413) {
    // If the body was not read to its end, the connection cannot be used again.
    if (!request.raw.complete) reply.header("connection", "close");
    sendError(reply, 413, "OPERATION_TOO_COMPLEX", "The request's body is too large.");
  } else if (status === 415) {
    sendError(reply, 415, "BAD_REQUEST", ALLOWED_BODY);
  } else if (error instanceof Error && status >= 400 && status < 500) {
    sendError(reply, status, "BAD_REQUEST", error.message);
  } else {
    logger.error({ err: error, requestId: request.id }, "A request failed because of a fault in the gateway");
    sendError(reply, 500, "INTERNAL_SERVER_ERROR", "Internal server error");
  }
}

function statusOf(error: unknown): number {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return 500;
  return typeof error.statusCode === "number" ? error.statusCode : 500;
}

/** Answers bytes that are not HTTP, requests that are too slow, and headers that are too large. */
export function answerBrokenRequest(
  error: Error & { readonly code?: string },
  socket: Socket,
  telemetry: RequestTelemetry,
): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, message] = brokenRequestAnswer(error.code);
  answerOnSocket(socket, randomUUID(), { status, code, message }, telemetry);
}

/** An answer without a reply object. `method`, `route` and `caller` are omitted if they are not known. */
export type SocketAnswer = {
  readonly status: number;
  readonly code: AnswerCode;
  readonly message: string;
  readonly method?: string;
  readonly route?: string;
  /** For the log: a hash that identifies the caller. */
  readonly caller?: string | null;
};

/** Writes an answer to a socket, logs it, and ends the connection. */
export function answerOnSocket(
  socket: Duplex,
  requestId: string,
  { message, ...answer }: SocketAnswer,
  telemetry: RequestTelemetry,
): void {
  logSocketAnswer({ requestId, ...answer }, telemetry);
  const body = errorBody(answer.code, message);
  const head = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ""}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(commonHeaders(requestId)).map(([name, value]) => `${name}: ${value}`),
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** The headers of every answer. */
export function commonHeaders(requestId: string): Record<string, string> {
  return { "x-request-id": requestId, "x-content-type-options": "nosniff", "cache-control": "no-store" };
}

function brokenRequestAnswer(
  code: string | undefined,
): readonly [status: number, code: AnswerCode, message: string] {
  if (code === "HPE_HEADER_OVERFLOW") {
    return [431, "OPERATION_TOO_COMPLEX", "The request's URL and headers are too large."];
  }
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return [408, "BAD_REQUEST", "The request took too long to arrive."];
  }
  return [400, "BAD_REQUEST", "This is not a valid HTTP/1.1 request."];
}
