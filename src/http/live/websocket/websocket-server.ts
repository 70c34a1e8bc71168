import { type IncomingMessage } from "node:http";
import { type Duplex } from "node:stream";
import {
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  GraphQLSchema,
  parse,
} from "graphql";
import { handleProtocols, makeServer } from "graphql-ws";
import { WebSocketServer } from "ws";
import { GATEWAY_ERRORS } from "../../../errors.js";
import { OperationFailed } from "../../../graphql/live/live-results.js";
import { BODY_LIMIT_BYTES } from "../../request/request-body.js";
import { requestIdOf } from "../../request/request-id.js";
import { type LiveConnections } from "../connections.js";
import { MemoryBudget } from "./memory-budget.js";
import { type LiveOperationParts, runLive } from "../live-operation.js";
import { refuseUpgrade } from "./refuse-upgrade.js";
import { oneAtATime } from "./fair-send-queue.js";
import { WebSocketConnection } from "./websocket-connection.js";

export type WebSocketParts = LiveOperationParts & {
  readonly connections: LiveConnections;
  /** How often peers are asked whether they are there, in milliseconds. */
  readonly keepAliveMs: number;
};

/** Takes a connection whose head asks for a WebSocket, or says what is wrong with that head. */
export type TakeWebSocket = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** How many operations may run on one connection. */
const OPERATIONS_MAX = 100;
/** What all connections may hold together for clients that ask without an end, or do not read. */
const HELD_MAX = 64 * 1024 * 1024;
/** How long a client may take to introduce itself, in milliseconds. */
const INIT_TIMEOUT_MS = 3_000;

/** What graphql-ws looks into to tell subscriptions apart; what runs is decided by what the client has sent. */
const STAND_IN = { schema: new GraphQLSchema({}), document: parse("{ __typename }") };

/**
 * Speaks graphql-ws. Its core is used, not its adapter for ws: that writes what peers do wrong to standard error, and
 * knows no bound of what waits to be read.
 */
export function createWebSocketServer(parts: WebSocketParts): TakeWebSocket {
  const { connections, keepAliveMs, logger } = parts;
  const memoryBudget = new MemoryBudget(HELD_MAX);
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols,
    maxPayload: BODY_LIMIT_BYTES,
  });
  server.on("headers", (head, { headers }) => {
    head.push(`X-Request-Id: ${requestIdOf(headers["x-request-id"])}`);
  });
  server.on("wsClientError", ({ message }, socket, request) => {
    const refusal = { method: "GET", route: "/graphql", status: 400, code: "BAD_REQUEST" } as const;
    refuseUpgrade(request, socket, { ...refusal, message: `${message}.` }, parts);
  });
  const protocol = makeServer<Record<string, unknown>, WebSocketConnection>({
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect: ({ extra, connectionParams = {} }) => extra.introduce(connectionParams),
    onSubscribe: ({ extra }, _id, request) => {
      if (extra.operations > OPERATIONS_MAX) return [tooMany()];
      return { ...STAND_IN, contextValue: oneAtATime(runLive(parts, extra, request), extra.turns) };
    },
    execute: ({ contextValue }) => contextValue as AsyncIterable<ExecutionResult>,
    // Sent as it is: its errors are formatted already.
    onNext: (_context, _id, _payload, _args, result) => result as FormattedExecutionResult,
    onError: (_context, _id, _payload, [error]) =>
      error?.originalError instanceof OperationFailed ? error.originalError.errors : undefined,
  });

  return (request, socket, head) => {
    server.handleUpgrade(request, socket, head, (webSocket) => {
      const live = new WebSocketConnection(webSocket, request.socket, request.headers, logger, memoryBudget);
      const forget = connections.add(live);
      const endKeepAlive = live.keepAlive(keepAliveMs);
      const closed = protocol.opened(live.forProtocol, live);
      live.onClose((code, reason) => {
        endKeepAlive();
        forget();
        closed(code, reason).catch((error: unknown) => {
          logger.error(
            { err: error, requestId: live.requestId },
            "A WebSocket failed by the gateway's fault",
          );
        });
      });
    });
  };
}

function tooMany(): GraphQLError {
  const code = "RATE_LIMITED";
  return new GraphQLError(`At most ${OPERATIONS_MAX} operations may run on one connection.`, {
    extensions: { code, retryable: GATEWAY_ERRORS[code].retryable },
  });
}
