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
  const sockets = new Set<Socket>();
  const requests = new Map<Socket, IncomingMessage>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    requests.set(socket, request);
    response.once("close", () => {
      if (requests.get(socket) === request) requests.delete(socket);
    });
  });
  return {
    destroyUnasked: () => {
      for (const socket of sockets) if (requests.get(socket)?.complete !== true) socket.destroy();
    },
  };
}
