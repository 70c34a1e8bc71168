import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
} from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { urlToHttpOptions } from "node:url";

/** Far more than 100 events need; a longer answer is cut off while it is read. */
const BODY_MAX_BYTES = 8 * 1024 * 1024;

/** Below the minute after which load balancers close idle connections; a server's own hint overrules it. */
const KEEP_ALIVE_MS = 30_000;

/** What came back: the body is null where it was longer than is taken. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly body: string | null;
};

/** Kept-alive sockets to one server. */
export type Sockets = {
  /**
   * Sends a GET and reads its answer; redirects are not followed.
   * @throws a TypeError for what cannot be sent, the network's and the parser's own errors, each with a `code`; when
   *   `signal` aborts, any of these
   */
  get(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer>;
  /** Closes them all at once. */
  close(): void;
};

// A byte order mark is left out by default.
const utf8 = new TextDecoder();

/** Makes sockets to an endpoint, of which the path is not looked at; `connections` of them at most. */
export function createSockets(endpoint: URL, connections: number): Sockets {
  const isTls = endpoint.protocol === "https:";
  const kept = { keepAlive: true, maxSockets: connections, timeout: KEEP_ALIVE_MS };
  const agent = isTls ? new TlsAgent(kept) : new Agent(kept);
  const send = isTls ? tlsRequest : request;
  const { protocol, hostname, port = null } = urlToHttpOptions(endpoint);
  return {
    get: async (path, headers, signal) => {
      const call = send({ protocol, hostname, port, path, headers, agent });
      signal.addEventListener("abort", () => call.destroy(), { once: true });
      const message = await answerOf(call);
      return { status: message.statusCode ?? 0, headers: message.headers, body: await textOf(message) };
    },
    close: () => {
      agent.destroy();
    },
  };
}

function answerOf(call: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    call.once("response", resolve);
    // It stays: a socket that breaks later tells the reader of the body as well.
    call.on("error", reject);
    call.end();
  });
}

/** The body, or null where it is too long. Not by `for await`, which takes longer than all else that is done here. */
function textOf(message: IncomingMessage): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    message.on("data", (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= BODY_MAX_BYTES) return;
      resolve(null);
      message.destroy();
    });
    message.once("end", () => {
      resolve(utf8.decode(Buffer.concat(chunks)));
    });
    message.once("error", reject);
    message.once("close", () => {
      reject(Object.assign(new Error("The answer broke off."), { code: "ECONNRESET" }));
    });
  });
}
