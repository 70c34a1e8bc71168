import { type IncomingHttpHeaders, type IncomingMessage, type Server } from "node:http";
import { type Socket } from "node:net";
import { type SocketAnswer } from "../../response/error-answer.js";
import { type AllowedOrigins, isFromForeignPage } from "../../origins.js";
import { requestIdOf } from "../../request/request-id.js";
import { type RequestTelemetry } from "../../request/request-log.js";
import { type LiveConnections } from "../connections.js";
import { upgradeClient } from "../caller-key.js";
import { refuseUpgrade } from "./refuse-upgrade.js";
import { type TakeWebSocket } from "./websocket-server.js";

type UpgradeParts = RequestTelemetry & {
  readonly connections: LiveConnections;
  readonly corsOrigins: AllowedOrigins;
  readonly take: TakeWebSocket;
  readonly credentialsHeader: string | null;
  /** Returns the hash that replaces a token in keys. */
  readonly hashToken: (token: string) => string;
  /** The hash that identifies the caller in log lines, if it is known without a check; otherwise null. */
  readonly callerOf: (headers: IncomingHttpHeaders) => string | null;
};

/** Headers with which a client offers another protocol. */
const OFFERS: ReadonlySet<string> = new Set(["upgrade", "http2-settings"]);

/** Accepts WebSockets at the GraphQL path, and refuses others with an HTTP answer. */
export function takeUpgrades(server: Server, parts: UpgradeParts): void {
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() !== "websocket") {
      continueAsHttp(server, request, socket, head);
      return;
    }
    // The answer, the log and the upstream calls use the same request ID.
    request.headers["x-request-id"] = requestIdOf(request.headers["x-request-id"]);
    const refusal = refusalOf(request, parts);
    if (refusal === null) parts.take(request, socket, head);
    else refuseUpgrade(request, socket, refusal, parts);
  });
}

function refusalOf(
  request: IncomingMessage,
  { callerOf, connections, corsOrigins, hashToken, credentialsHeader }: UpgradeParts,
): SocketAnswer | null {
  const { headers, method = "GET", url = "" } = request;
  const where = { method, route: "/graphql" };
  const [path] = url.split("?", 1);
  if (path !== "/graphql" && path !== "/graphql/") {
    return { status: 404, code: "BAD_REQUEST", message: "This path does not accept WebSockets." };
  }
  if (method !== "GET") {
    const message = "A request for a WebSocket must be a GET.";
    return { ...where, status: 405, code: "BAD_REQUEST", message };
  }
  if (isFromForeignPage(headers, corsOrigins)) {
    const message = "This origin is not allowed to open a WebSocket.";
    return { ...where, status: 403, code: "FORBIDDEN", message };
  }
  const refusal = connections.refusalOf(upgradeClient(request, hashToken, credentialsHeader));
  return refusal === null ? null : { ...where, ...refusal, caller: callerOf(headers) };
}

/**
 * Continues in HTTP/1.1 with a client that has offered another protocol (Java's HTTP client always offers h2c). If a
 * server listens for upgrades, Node passes such a request to no other listener. So this function puts the bytes of the
 * request back into the socket, without the offer.
 */
function continueAsHttp(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method = "GET", url = "/", httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    const value = rawHeaders[at + 1] ?? "";
    const kept = name.toLowerCase() === "connection" ? withoutOffers(value) : value;
    if (!OFFERS.has(name.toLowerCase()) && kept !== "") lines.push(`${name}: ${kept}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  server.emit("connection", socket);
}

function withoutOffers(connection: string): string {
  const options = connection.split(",").map((option) => option.trim());
  return options.filter((option) => !OFFERS.has(option.toLowerCase())).join(", ");
}
