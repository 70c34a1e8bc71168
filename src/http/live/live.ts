import { type FastifyInstance } from "fastify";
import { type AllowedOrigins } from "../origins.js";
import { LiveConnections } from "./connections.js";
import { addSseHandler } from "./sse/sse-handler.js";
import { type LiveOperationParts } from "./live-operation.js";
import { takeUpgrades } from "./websocket/upgrades.js";
import { createWebSocketServer } from "./websocket/websocket-server.js";

/** How connections that stay open are bounded. */
export type LiveLimits = {
  /** How many may be open. */
  readonly maxConnections: number;
  /** How often WebSockets are asked whether their peer is there; without an answer they are cut off. In milliseconds. */
  readonly keepAliveMs: number;
  /** An event stream whose client takes nothing of what waits for it for so long is cut off, in milliseconds. */
  readonly stallMs: number;
};

/**
 * Serves operations on connections that stay open: graphql-ws at the graph's path, graphql-sse below it.
 * @returns a function that ends them all so that their clients come back, and resolves when they are gone
 */
export function openLive(
  app: FastifyInstance,
  parts: LiveOperationParts & { readonly corsOrigins: AllowedOrigins },
  { maxConnections, keepAliveMs, stallMs }: LiveLimits,
): () => Promise<void> {
  const connections = new LiveConnections(maxConnections, parts.metrics.live);
  const take = createWebSocketServer({ ...parts, connections, keepAliveMs });
  takeUpgrades(app.server, { ...parts, connections, take });
  addSseHandler(app, { ...parts, connections, stallMs });
  return () => connections.close();
}
