import { type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Socket } from "node:net";

/** The connections of a server, told apart by whether anybody waits for an answer on them. */
export type OpenSockets = {
  /** Cuts those on which no whole request has come in. */
  readonly destroyUnasked: () => void;
};

/**
 * Keeps count of a server's connections. Node closes idle ones when a server is closed, but counts none as idle that
 * has said nothing yet or only a part of a request, and no longer minds its own time limits for them.
 */
export function trackSockets(server: Server): OpenSockets {
  const sockets = new Map<Socket, Asked>();
  const seen = new WeakSet<Socket>();
  server.on("connection", (socket: Socket) => {
    // One that comes again, without the other protocol that it had offered, is no new one.
    const isNew = !seen.has(socket);
    seen.add(socket);
    sockets.set(socket, { request: null });
    if (isNew) socket.once("close", () => sockets.delete(socket));
  });
  // What has become a WebSocket is no connection of this server's any more; its own end is seen to elsewhere.
  server.on("upgrade", (request: IncomingMessage) => sockets.delete(request.socket));
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const asked = sockets.get(request.socket);
    if (asked === undefined) return;
    asked.request = request;
    response.on("close", () => {
      if (asked.request === request) asked.request = null;
    });
  });
  return {
    destroyUnasked: () => {
      for (const [socket, { request }] of sockets) if (request?.complete !== true) socket.destroy();
    },
  };
}

/** The newest request on a connection that is not answered yet. */
type Asked = { request: IncomingMessage | null };
