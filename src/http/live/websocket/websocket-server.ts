import { type IncomingMessage } from "node:http";
import { type Duplex } from "node:stream";
import { type ExecutionResult, GraphQLError, GraphQLSchema, parse } from "graphql";
import { handleProtocols, makeServer } from "graphql-ws";
import { WebSocketServer } from "ws";
import { GATEWAY_ERRORS } from "../../../errors.js";
import { type LiveRequest } from "../../../graphql/live/live-call.js";
import { withPersistedQuery } from "../../request/document-id.js";
import { BODY_LIMIT_BYTES } from "../../request/request-body.js";
import { requestIdOf } from "../../request/request-id.js";
import { NO_JOBS } from "../../request/request-log.js";
import { type LiveConnections } from "../connections.js";
import { MemoryBudget } from "./memory-budget.js";
import { callerKey, upgradeClient } from "../caller-key.js";
import { type LiveOperationParts } from "../live-operation.js";
import { refuseUpgrade } from "./refuse-upgrade.js";
import { WebSocketConnection, type WebSocketLimits } from "./websocket-connection.js";
import { OperationFailed, WebSocketOperation } from "./websocket-operation.js";

export type WebSocketParts = LiveOperationParts &
  WebSocketLimits & {
    readonly connections: LiveConnections;
    /** Whether messages may name their documents by ID. graphql-ws also requires an empty `query` then. */
    readonly takesDocumentIds: boolean;
  };

/** Accepts a request for a WebSocket, or answers with an error. */
export type TakeWebSocket = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** The maximum number of operations that run on one connection. */
const OPERATIONS_MAX = 100;
/** The memory budget of all connections: characters of running operations and bytes of unread results together. */
const MEMORY_MAX = 64 * 1024 * 1024;
/** The time limit for the client's `connection_init` message, in milliseconds. */
const INIT_TIMEOUT_MS = 3_000;

/** graphql-ws reads the type of an operation from these values. The operation that runs is the client's. */
const STAND_IN = { schema: new GraphQLSchema({}), document: parse("{ __typename }") };

/**
 * Serves graphql-ws. It uses the core of the library and not its adapter for ws: the adapter writes errors of clients
 * to standard error, and does not limit unread data.
 */
export function createWebSocketServer(parts: WebSocketParts): TakeWebSocket {
  const { callerOf, connections, credentialsHeader, hashToken, logger, takesDocumentIds } = parts;
  const memoryBudget = new MemoryBudget(MEMORY_MAX);
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
    onConnect: ({ extra, connectionParams = {} }) => {
      if (!extra.takeParams(connectionParams)) return false;
      const isWithin = connections.move(
        extra,
        callerKey(extra.headers, extra.address, hashToken, credentialsHeader),
      );
      if (!isWithin) {
        extra.noteCaller({ caller: callerOf(extra.headers), jobs: NO_JOBS });
        extra.closeAsFull();
      }
      return isWithin;
    },
    onSubscribe: ({ extra }, id, request) => {
      if (extra.operations > OPERATIONS_MAX) return [tooMany()];
      const named = takesDocumentIds ? (withPersistedQuery(request) as LiveRequest) : request;
      return { ...STAND_IN, contextValue: new WebSocketOperation(parts, extra, id, named) };
    },
    execute: ({ contextValue }) => contextValue as AsyncIterable<ExecutionResult>,
    onError: (_context, _id, _payload, [error]) =>
      error?.originalError instanceof OperationFailed ? error.originalError.errors : undefined,
  });

  return (request, socket, head) => {
    server.handleUpgrade(request, socket, head, (webSocket) => {
      const { headers, socket: tcpSocket } = request;
      const live = new WebSocketConnection(webSocket, tcpSocket, headers, logger, memoryBudget, parts, () => {
        connections.markVerified(live);
      });
      const removeFromOpen = connections.add(live, upgradeClient(request, hashToken, credentialsHeader));
      const closed = protocol.opened(live.forProtocol, live);
      live.onClose((code, reason) => {
        removeFromOpen();
        closed(code, reason).catch((error: unknown) => {
          logger.error(
            { err: error, requestId: live.requestId },
            "A WebSocket failed because of a fault in the gateway",
          );
        });
      });
    });
  };
}

function tooMany(): GraphQLError {
  const code = "RATE_LIMITED";
  return new GraphQLError(`At most ${OPERATIONS_MAX} operations can run on one connection.`, {
    extensions: { code, retryable: GATEWAY_ERRORS[code].retryable },
  });
}
