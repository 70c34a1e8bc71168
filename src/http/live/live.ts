import { type FastifyInstance } from "fastify";
import { type AllowedOrigins } from "../origins.js";
import { type ConnectionLimits, LiveConnections } from "./connections.js";
import { type LiveOperationParts } from "./live-operation.js";
import { addSseHandler, type AnswerStream, createSseHandler } from "./sse/sse-handler.js";
import { takeUpgrades } from "./websocket/upgrades.js";
import { type WebSocketLimits } from "./websocket/websocket-connection.js";
import { createWebSocketServer } from "./websocket/websocket-server.js";

/** The limits of live connections. */
export type LiveLimits = ConnectionLimits &
  WebSocketLimits & {
    /** How long a client of an event stream may read nothing, in milliseconds. */
    readonly stallMs: number;
  };

/** The server of live connections. */
export type Live = {
  /** Answers a request at the GraphQL path that prefers an event stream. */
  readonly answerStream: AnswerStream;
  /** Closes all connections so that their clients reconnect, and resolves when their queries and they have ended. */
  readonly close: () => Promise<void>;
  /** Terminates the connections that `close` still waits for. */
  readonly terminateClosing: () => void;
};

/** The longest time between two checks of a connection, in milliseconds. */
const TICK_MAX_MS = 1_000;

/** Serves operations on live connections: graphql-ws at the GraphQL path, graphql-sse at this path and below it. */
export function openLive(
  app: FastifyInstance,
  parts: LiveOperationParts & {
    readonly corsOrigins: AllowedOrigins;
    /** Whether requests may name their documents by ID. */
    readonly takesDocumentIds: boolean;
  },
  limits: LiveLimits,
): Live {
  const { keepAliveMs, idleMs, stallMs, credentialsHeader } = limits;
  const tickMs = Math.max(1, Math.min(TICK_MAX_MS, keepAliveMs / 2, idleMs / 2));
  const connections = new LiveConnections(limits, parts.metrics.live, tickMs);
  const take = createWebSocketServer({ ...parts, connections, keepAliveMs, idleMs, credentialsHeader });
  takeUpgrades(app.server, { ...parts, connections, take, credentialsHeader });
  const answerStream = createSseHandler({ ...parts, connections, credentialsHeader, stallMs });
  addSseHandler(app, answerStream);
  return {
    answerStream,
    close: () => connections.close(),
    terminateClosing: () => {
      connections.terminateClosing();
    },
  };
}
