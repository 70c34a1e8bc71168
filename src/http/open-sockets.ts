import { type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Socket } from "node:net";

/** The connections of a server. */
export type OpenSockets = {
  /** Closes connections on which no complete request has arrived. */
  readonly destroyWithoutRequest: () => void;
};

/** The newest request of a connection that has no answer yet. */
type Current = { request: IncomingMessage | null };

/**
 * Tracks the connections of a server. When a server is closed, Node closes idle connections. It does not close those
 * that have sent nothing yet or only a part of a request, and it no longer applies its time limits to them.
 */
export function trackSockets(server: Server): OpenSockets {
  const sockets = new Map<Socket, Current>();
  const seen = new WeakSet<Socket>();
  server.on("connection", (socket: Socket) => {
    // A connection whose upgrade offer was removed emits `connection` a second time.
    const isNew = !seen.has(socket);
    seen.add(socket);
    sockets.set(socket, { request: null });
    if (isNew) socket.once("close", () => sockets.delete(socket));
  });
  // The WebSocket server closes its WebSockets.
  server.on("upgrade", (request: IncomingMessage) => sockets.delete(request.socket));
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const current = sockets.get(request.socket);
    if (current === undefined) return;
    current.request = request;
    response.on("close", () => {
      if (current.request === request) current.request = null;
    });
  });
  return {
    destroyWithoutRequest: () => {
      for (const [socket, { request }] of sockets) if (request?.complete !== true) socket.destroy();
    },
  };
}
