import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";

/** Answers one request, or does not. */
export type Reply = (response: ServerResponse) => void;

/** A received request. */
type SeenRequest = { readonly url: URL; readonly headers: IncomingHttpHeaders };

/** An HTTP server on loopback whose answers and sockets a test controls. */
export type ScriptedUpstream = {
  readonly endpoint: string;
  readonly requests: readonly SeenRequest[];
  /** The replies to the next requests, one each; all further requests get the last one. */
  script(...replies: readonly Reply[]): void;
  /** Sockets accepted so far, and those of them that are closed. */
  readonly sockets: () => { readonly accepted: number; readonly closed: number };
  /** The most requests that were unanswered at the same time. */
  readonly mostAtOnce: () => number;
  close(): Promise<void>;
};

export async function startScriptedUpstream(): Promise<ScriptedUpstream> {
  const requests: SeenRequest[] = [];
  let replies: readonly Reply[] = [json(200, { total: 0, events: [] })];
  let accepted = 0;
  let closed = 0;
  let atOnce = 0;
  let mostAtOnce = 0;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push({ url: new URL(request.url ?? "", "http://upstream"), headers: request.headers });
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    response.on("close", () => (atOnce -= 1));
    const [reply, ...rest] = replies;
    if (rest.length > 0) replies = rest;
    reply?.(response);
  });
  server.on("connection", (socket) => {
    accepted += 1;
    socket.on("close", () => (closed += 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    script(...next) {
      replies = next;
    },
    sockets: () => ({ accepted, closed }),
    mostAtOnce: () => mostAtOnce,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** A JSON answer. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return text(status, JSON.stringify(body), { "content-type": "application/json", ...headers });
}

/** An answer of any text. */
export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => {
    response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers }).end(body);
  };
}

/** An answer that waits for `gate`. */
export function after(gate: Promise<unknown>, reply: Reply): Reply {
  return (response) => {
    void gate.then(() => {
      reply(response);
    });
  };
}

/** Accepts the request and never answers. */
export const hang: Reply = () => undefined;

/** Cuts the connection with a TCP reset instead of an answer. */
export const reset: Reply = (response) => {
  response.socket?.resetAndDestroy();
};

/** Announces more bytes than it sends, then closes the connection. */
export const truncated: Reply = (response) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
  response.write('{"total": 1, "events": [', () => response.socket?.destroy());
};

/** Sends the beginning of an answer, then a byte now and then, without end. */
export const drip: Reply = (response) => {
  response.writeHead(200, { "content-type": "application/json" });
  const timer = setInterval(() => response.write(" "), 5);
  response.on("close", () => {
    clearInterval(timer);
  });
};

/** Sends `bytes` bytes, or fewer if the reader leaves. */
export function flood(status: number, bytes: number): Reply {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json" });
    const chunk = Buffer.alloc(65_536, " ");
    const write = (left: number): void => {
      if (left <= 0) response.end();
      else if (!response.destroyed) response.write(chunk, () => setImmediate(write, left - chunk.length));
    };
    write(bytes);
  };
}

/** Answers with something that is not HTTP. */
export const notHttp: Reply = (response) => {
  response.socket?.end("220 mail.example ESMTP\r\n");
};
