import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { urlToHttpOptions } from "node:url";
import { type CallLimit } from "./call-limit.js";

/** Far more than 100 events need; a longer answer is cut off while it is read. */
const BODY_MAX_BYTES = 8 * 1024 * 1024;

/** Node's own 16 KiB are less than the headers in which IAM sends a token may be long. */
const maxHeaderSize = 65_536;

/** Below the minute after which load balancers close idle connections; a server's own hint overrules it. */
const KEEP_ALIVE_MS = 30_000;

/** What came back: the body is null where it was longer than is taken. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly body: string | null;
};

/** What is sent: with a body, its length is among the headers. */
type SentRequest = {
  readonly method: "GET" | "POST";
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: string;
};

/** Kept-alive sockets to one server. */
export type Sockets = {
  /**
   * Sends a request and reads its answer; redirects are not followed.
   * @throws a TypeError for what cannot be sent, the network's and the parser's own errors, each with a `code`; when
   *   the limit is over, any of these
   */
  send(request: SentRequest, limit: Pick<CallLimit, "whenOver">): Promise<Answer>;
  /** Closes them all at once. */
  close(): void;
};

const BYTE_ORDER_MARK = "\ufeff";

/** Makes sockets to an endpoint, of which the path is not looked at; `connections` of them at most. */
export function createSockets(endpoint: URL, connections: number): Sockets {
  const isTls = endpoint.protocol === "https:";
  const kept = { keepAlive: true, maxSockets: connections, timeout: KEEP_ALIVE_MS };
  const agent = isTls ? new TlsAgent(kept) : new Agent(kept);
  const send = isTls ? tlsRequest : request;
  const { protocol, hostname, port = null } = urlToHttpOptions(endpoint);
  return {
    send: ({ method, path, headers, body: sent }, limit) =>
      new Promise((resolve, reject) => {
        const call = send({ protocol, hostname, port, method, path, headers, agent, maxHeaderSize });
        limit.whenOver(() => call.destroy());
        call.on("response", (message) => {
          readBody(message, reject, (body) => {
            resolve({ status: message.statusCode ?? 0, headers: message.headers, body });
          });
        });
        // It stays: a socket that breaks later tells the reader of the body as well.
        call.on("error", reject);
        call.end(sent);
      }),
    close: () => {
      agent.destroy();
    },
  };
}

/**
 * Reads the body; null where it is too long. Not by `for await`, which takes longer than all else that is done here,
 * and not by `once`, which wraps each listener.
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
