import { type FastifyInstance } from "fastify";
import { type AllowedOrigins } from "../origins.js";
import { type ConnectionLimits, LiveConnections } from "./connections.js";
import { type LiveOperationParts } from "./live-operation.js";
import { addSseHandler, type AnswerStream, createSseHandler } from "./sse/sse-handler.js";
import { takeUpgrades } from "./websocket/upgrades.js";
import { type WebSocketLimits } from "./websocket/websocket-connection.js";
import { createWebSocketServer } from "./websocket/websocket-server.js";

/** The bounds of connections that stay open. */
export type LiveLimits = ConnectionLimits &
  WebSocketLimits & {
    /** How long an event stream may wait for a client that does not read, in milliseconds. */
    readonly stallMs: number;
  };

/** Serves connections that stay open. */
export type Live = {
  /** Answers a request at the graph's path that prefers an event stream. */
  readonly answerStream: AnswerStream;
  /** Ends all connections so that their clients reconnect, and resolves when they are gone. */
  readonly close: () => Promise<void>;
};

/** The longest time between two looks at a connection, in milliseconds. */
const TICK_MAX_MS = 1_000;

/** Serves operations on connections that stay open: graphql-ws at the graph's path, graphql-sse there and below it. */
export function openLive(
  app: FastifyInstance,
  parts: LiveOperationParts & {
    readonly corsOrigins: AllowedOrigins;
    /** Whether requests may name their documents by ID. */
    readonly takesDocumentIds: boolean;
    /** Stands for a token in keys. */
    readonly hashToken: (token: string) => string;
  },
  limits: LiveLimits,
): Live {
  const { keepAliveMs, idleMs, stallMs } = limits;
  const tickMs = Math.max(1, Math.min(TICK_MAX_MS, keepAliveMs / 2, idleMs / 2));
  const connections = new LiveConnections(limits, parts.metrics.live, tickMs);
  const take = createWebSocketServer({ ...parts, connections, keepAliveMs, idleMs });
  takeUpgrades(app.server, { ...parts, connections, take });
  const answerStream = createSseHandler({ ...parts, connections, stallMs });
  addSseHandler(app, answerStream);
  return { answerStream, close: () => connections.close() };
}
