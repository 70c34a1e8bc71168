import {
  type Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
} from "node:http";
import { request as tlsRequest } from "node:https";
import { urlToHttpOptions } from "node:url";
import { type CallLimit } from "./call-limit.js";
import { createOutbound } from "./outbound.js";

/** Far more than 100 events need. The gateway does not read a longer answer to its end. */
const BODY_MAX_BYTES = 8 * 1024 * 1024;

/** The header in which IAM sends a token may be longer than Node's default of 16 KiB. */
const maxHeaderSize = 65_536;

/** An answer; the body is null if it was too long. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly body: string | null;
};

/** A request. If it has a body, the headers include its length. */
type SentRequest = {
  readonly method: "GET" | "POST" | "PUT";
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: string;
};

/** Keep-alive sockets to one server. */
export type Sockets = {
  /**
   * Sends a request and reads its answer; redirects are not followed. If the server closed a keep-alive socket just
   * before a GET was sent on it, the GET is sent once more on a fresh socket.
   * @throws TypeError for a request that cannot be sent; otherwise an error of the network or of the HTTP parser, with
   *   a `code`. After the end of the limit it may throw any of these
   */
  send(request: SentRequest, limit: Pick<CallLimit, "whenOver">): Promise<Answer>;
  /** Closes them all at once. */
  close(): void;
};

const BYTE_ORDER_MARK = "\ufeff";

/** The `code` of a request that reached its limit before the connection was established. */
export const CONNECT_TIMEOUT = "CONNECT_TIMEOUT";

type SocketsOptions = {
  /** False for a server that is never reached through a proxy. Default: the proxy of the environment. */
  readonly useProxy?: boolean;
  /** The longest body that is read, in bytes. */
  readonly bodyMaxBytes?: number;
};

/** Makes sockets to an endpoint, at most `connections`. The endpoint's path is not used. */
export function createSockets(
  endpoint: URL,
  connections: number,
  { useProxy = true, bodyMaxBytes = BODY_MAX_BYTES }: SocketsOptions = {},
): Sockets {
  const outbound = useProxy ? createOutbound(endpoint) : createOutbound(endpoint, null);
  const agent = outbound.agent({ keepAlive: true, connections });
  const oneShot = outbound.agent({ keepAlive: false, connections });
  const { protocol, hostname, port = null } = urlToHttpOptions(outbound.target);
  const start = protocol === "https:" ? tlsRequest : request;

  const sendBy = (way: Agent, sent: SentRequest, limit: Pick<CallLimit, "whenOver">): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { method } = sent;
      const path = outbound.pathOf(sent.path);
      const headers = outbound.isProxied ? { ...sent.headers, ...outbound.headers } : sent.headers;
      const call = start({ protocol, hostname, port, method, path, headers, agent: way, maxHeaderSize });
      let isOver = false;
      let isAnswered = false;
      limit.whenOver(() => {
        isOver = true;
        call.destroy(isConnecting(call) ? connectTimeout() : undefined);
      });
      call.on("response", (message) => {
        isAnswered = true;
        const { statusCode: status = 0, headers: received } = message;
        if (outbound.isProxied && status === PROXY_AUTHENTICATION) reject(proxyError("AUTHENTICATION"));
        readBody(message, bodyMaxBytes, reject, (body) => {
          resolve({ status, headers: received, body });
        });
      });
      // The listener stays: a socket that breaks later emits an error here and on the body.
      call.on("error", (error) => {
        const isStale = call.reusedSocket && !isAnswered && !isOver && method === "GET" && isReset(error);
        if (isStale && way === agent) sendBy(oneShot, sent, limit).then(resolve, reject);
        else if (outbound.isProxied && !isOver && isOfProxy(error, call)) reject(proxyErrorOf(error));
        else reject(error);
      });
      call.end(sent.body);
    });

  return {
    send: (sent, limit) => sendBy(agent, sent, limit),
    close: () => {
      agent.destroy();
      oneShot.destroy();
    },
  };
}

/** "Proxy Authentication Required". */
const PROXY_AUTHENTICATION = 407;

/** The socket connects to the proxy first, so an error before the connection is established is the proxy's. */
function isOfProxy(error: Error, call: { readonly socket: OwnSocket | null }): boolean {
  const isOfNetwork = "code" in error && UNREACHABLE.has(String(error.code));
  return isOfNetwork || isConnecting(call);
}

const UNREACHABLE = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

/** The error of a connection to the proxy, or of a tunnel that it refused. */
function proxyErrorOf(error: Error): Error {
  // An error of TLS comes from the server: the tunnel was already established.
  if ("code" in error && typeof error.code === "string" && !/^E(?!PROTO)[A-Z]+$/.test(error.code)) {
    return error;
  }
  return proxyError("code" in error && typeof error.code === "string" ? error.code : "REFUSED", error);
}

function proxyError(code: string, cause?: Error): Error {
  return Object.assign(new Error("The proxy failed.", { cause }), { code: `PROXY_${code}` });
}

type OwnSocket = ClientRequest["socket"] & { readonly secureConnecting?: boolean };

/** Whether the connection of a request, including TLS, is not yet established. */
function isConnecting(call: { readonly socket: OwnSocket | null }): boolean {
  return call.socket === null || call.socket.connecting || call.socket.secureConnecting === true;
}

function connectTimeout(): Error {
  return Object.assign(new Error("The connection was not established in time."), { code: CONNECT_TIMEOUT });
}

/** Whether the server closed the socket, which it may do to an idle one just when the next request is sent. */
function isReset(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}

/**
 * Reads the body; null if it is too long. It uses `on`, because `for await` would take longer than all other steps
 * here, and `once` wraps each listener.
 */
function readBody(
  message: IncomingMessage,
  maxBytes: number,
  fail: (error: Error) => void,
  done: (body: string | null) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  message.on("data", (chunk: Buffer) => {
    length += chunk.length;
    chunks.push(chunk);
    if (length <= maxBytes) return;
    done(null);
    message.destroy();
  });
  message.on("end", () => {
    const [only] = chunks;
    const text = (chunks.length === 1 && only ? only : Buffer.concat(chunks)).toString();
    done(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  });
  message.on("error", fail);
  message.on("close", () => {
    if (message.complete) return;
    fail(Object.assign(new Error("The answer ended too early."), { code: "ECONNRESET" }));
  });
}
