import { type IncomingMessage } from "node:http";
import { type Duplex } from "node:stream";
import { answerOnSocket, type SocketAnswer } from "../../response/error-answer.js";
import { requestIdOf } from "../../request/request-id.js";
import { type RequestTelemetry } from "../../request/request-log.js";

/** Answers a refused request for a WebSocket and closes its connection. */
export function refuseUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  refusal: SocketAnswer,
  telemetry: RequestTelemetry,
): void {
  // No other code handles this socket any more, so it must not stay open if the client does not close its side.
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  answerOnSocket(socket, requestIdOf(request.headers["x-request-id"]), refusal, telemetry);
}
