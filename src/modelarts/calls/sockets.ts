import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
} from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { urlToHttpOptions } from "node:url";
import { type CallLimit } from "./call-limit.js";

/** Far more than 100 events need. The gateway stops reading a longer answer. */
const BODY_MAX_BYTES = 8 * 1024 * 1024;

/** The header in which IAM sends a token may be longer than Node's default of 16 KiB. */
const maxHeaderSize = 65_536;

/** Less than the minute after which load balancers close idle connections. A server's own hint has precedence. */
const KEEP_ALIVE_MS = 30_000;

/** An answer; the body is null where it was too long. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly body: string | null;
};

/** A request. If it has a body, the headers include its length. */
type SentRequest = {
  readonly method: "GET" | "POST";
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
   * @throws TypeError for a request that cannot be sent; else an error of the network or of the HTTP parser, with a
   *   `code`. When the limit is over, any of these
   */
  send(request: SentRequest, limit: Pick<CallLimit, "whenOver">): Promise<Answer>;
  /** Closes them all at once. */
  close(): void;
};

const BYTE_ORDER_MARK = "\ufeff";

/** The `code` of a request that was given up before its connection stood. */
export const CONNECT_TIMEOUT = "CONNECT_TIMEOUT";

/** Makes sockets to an endpoint, at most `connections`. The endpoint's path is not used. */
export function createSockets(endpoint: URL, connections: number): Sockets {
  const isTls = endpoint.protocol === "https:";
  const AgentOf = isTls ? TlsAgent : Agent;
  const agent = new AgentOf({ keepAlive: true, maxSockets: connections, timeout: KEEP_ALIVE_MS });
  const oneShot = new AgentOf({ keepAlive: false, maxSockets: connections });
  const start = isTls ? tlsRequest : request;
  const { protocol, hostname, port = null } = urlToHttpOptions(endpoint);

  const sendBy = (way: Agent, sent: SentRequest, limit: Pick<CallLimit, "whenOver">): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { method, path, headers } = sent;
      const call = start({ protocol, hostname, port, method, path, headers, agent: way, maxHeaderSize });
      let isOver = false;
      let isAnswered = false;
      limit.whenOver(() => {
        isOver = true;
        call.destroy(isConnecting(call) ? connectTimeout() : undefined);
      });
      call.on("response", (message) => {
        isAnswered = true;
        readBody(message, reject, (body) => {
          resolve({ status: message.statusCode ?? 0, headers: message.headers, body });
        });
      });
      // The listener stays: a socket that breaks later emits an error here and on the body.
      call.on("error", (error) => {
        const isStale = call.reusedSocket && !isAnswered && !isOver && method === "GET" && isReset(error);
        if (isStale && way === agent) sendBy(oneShot, sent, limit).then(resolve, reject);
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

type OwnSocket = ClientRequest["socket"] & { readonly secureConnecting?: boolean };

/** Whether the connection of a request, including TLS, is not yet there. */
function isConnecting(call: { readonly socket: OwnSocket | null }): boolean {
  return call.socket === null || call.socket.connecting || call.socket.secureConnecting === true;
}

function connectTimeout(): Error {
  return Object.assign(new Error("The connection did not stand in time."), { code: CONNECT_TIMEOUT });
}

/** A server may close an idle socket at the moment when the next request is sent on it. */
function isReset(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}

/**
 * Reads the body; null where it is too long. `for await` would take longer than all other steps here, and `once` wraps
 * each listener.
 */
function readBody(
  message: IncomingMessage,
  fail: (error: Error) => void,
  done: (body: string | null) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  message.on("data", (chunk: Buffer) => {
    length += chunk.length;
    chunks.push(chunk);
    if (length <= BODY_MAX_BYTES) return;
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
    fail(Object.assign(new Error("The answer broke off."), { code: "ECONNRESET" }));
  });
}
