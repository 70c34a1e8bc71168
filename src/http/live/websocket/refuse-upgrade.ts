import { type IncomingMessage } from "node:http";
import { type Duplex } from "node:stream";
import { answerOnSocket, type SocketAnswer } from "../../response/error-answer.js";
import { requestIdOf } from "../../request/request-id.js";
import { type RequestTelemetry } from "../../request/request-log.js";

/** Answers a request for a WebSocket that is not to be, and ends its connection. */
export function refuseUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  refusal: SocketAnswer,
  sinks: RequestTelemetry,
): void {
  // Nobody else minds this connection any more, so a client that keeps its side open is not waited for.
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  answerOnSocket(socket, requestIdOf(request.headers["x-request-id"]), refusal, sinks);
}
