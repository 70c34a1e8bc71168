import { execFile } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, request as rawRequest } from "node:http";
import { connect as connectSocket, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { WebSocket } from "ws";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { freePort } from "../../support/processes/free-port.js";
import { askEvents } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import {
  CLIENTS,
  Follower,
  FOLLOW,
  type LiveClient,
  sseClient,
  WEB_SOCKET_HEAD,
  WEB_SOCKET_OFFER,
  wsClient,
} from "../../support/live/live-clients.js";

let simulator: Simulator;
let gateway: GatewayProcess;
let clients: LiveClient[] = [];
const settings = (env: Record<string, string> = {}) => ({
  MODELARTS_ENDPOINT: simulator.url,
  MODELARTS_AUTH: "none",
  MODELARTS_PROJECT_ID: "demo-project",
  LIVE_CONNECTIONS_MAX: "3",
  CORS_ORIGINS: "https://app.example",
  INTROSPECTION: "off",
  MAX_UPSTREAM_CALLS: "7",
  ...env,
});
beforeAll(async () => {
  simulator = await startSimulator();
  gateway = await startGateway(settings());
});
afterAll(async () => {
  await gateway.stop();
  await simulator.close();
});
beforeEach(() => {
  simulator.faults.clear();
});
afterEach(async () => {
  for (const client of clients) await client.close();
  clients = [];
  for (const socket of sockets) socket.terminate();
  sockets = [];
  await eventually(async () => (await metric("live_connections")) === 0);
});

async function metric(name: string): Promise<number> {
  const page = await (await request(new URL("/metrics", gateway.url))).body.text();
  const lines = page.split("\n").filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

function add(client: LiveClient): LiveClient {
  clients.push(client);
  return client;
}

let sockets: WebSocket[] = [];

/** A WebSocket without a client's library around it. */
function bare(
  protocol: string | null = "graphql-transport-ws",
  headers: Record<string, string> = {},
  path = "",
) {
  const url = gateway.url.replace(/^http/, "ws") + path;
  const socket = new WebSocket(url, protocol === null ? [] : [protocol], { headers });
  sockets.push(socket);
  const messages: { type: string; id?: string; payload?: unknown }[] = [];
  socket.on("message", (data: Buffer) =>
    messages.push(JSON.parse(data.toString("utf8")) as (typeof messages)[number]),
  );
  const closed = once(socket, "close").then(([code]) => code as number);
  const refused = new Promise<{ status: number; body: string }>((resolve) => {
    socket.on("unexpected-response", (_request, response) => {
      void text(response).then((body) => {
        resolve({ status: response.statusCode ?? 0, body });
      });
    });
  });
  closed.catch(() => undefined);
  const opened = new Promise<void>((resolve) => socket.on("open", resolve));
  socket.on("error", () => undefined);
  const send = (message: object | string): void => {
    socket.send(typeof message === "string" ? message : JSON.stringify(message));
  };
  const introduce = async (payload: object = {}): Promise<void> => {
    await opened;
    send({ type: "connection_init", payload });
    await eventually(() => messages.some(({ type }) => type === "connection_ack") || socket.readyState > 1);
  };
  return { socket, messages, closed, refused, opened, send, introduce };
}

/** A WebSocket whose client does nothing by itself. */
function upgradeByHand(at: string, ...headers: string[]): Socket {
  const { hostname, port } = new URL(at);
  const socket = connectSocket(Number(port), hostname);
  socket.write(`${[...WEB_SOCKET_HEAD, ...headers].join("\r\n")}\r\n\r\n`);
  return socket;
}

const subscribe = (id: string, variables: object = { id: "running" }) => ({
  id,
  type: "subscribe",
  payload: { query: FOLLOW, variables },
});

const stream = (
  headers: Record<string, string>,
  body: unknown = { query: FOLLOW, variables: { id: "empty" } },
) =>
  request(`${gateway.url}/stream`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream", ...headers },
    body: JSON.stringify(body),
  });

const SEARCH = new URLSearchParams({ query: FOLLOW, variables: '{"id":"empty"}' }).toString();

describe("pages of other sites", () => {
  test("open no WebSocket", async () => {
    const { refused } = bare("graphql-transport-ws", { origin: "https://evil.example" });
    const { status, body } = await refused;
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({
      errors: [{ extensions: { code: "FORBIDDEN", retryable: false } }],
    });
    expect(await metric('http_request_duration_seconds_count{route="/graphql",status="403"}')).toBe(1);
  });

  test("get no event stream by GET, and cannot read one by POST", async () => {
    const from = { accept: "text/event-stream", origin: "https://evil.example" };
    const refused = await request(`${gateway.url}/stream?${SEARCH}`, { headers: from });
    expect(refused.statusCode).toBe(403);
    await refused.body.dump();
    const preflight = await request(`${gateway.url}/stream`, {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    expect(preflight.headers["access-control-allow-origin"]).toBeUndefined();
    await preflight.body.dump();
  });

  test("of allowed origins and of the gateway's own origin are served", async () => {
    for (const origin of ["https://app.example", new URL(gateway.url).origin]) {
      const { introduce, messages, socket } = bare("graphql-transport-ws", { origin });
      await introduce();
      expect(messages).toEqual([{ type: "connection_ack" }]);
      socket.close();
    }
    const allowed = await stream({ origin: "https://app.example", "x-request-id": "mine" });
    expect(allowed.statusCode).toBe(200);
    expect(allowed.headers).toMatchObject({
      "access-control-allow-origin": "https://app.example",
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-request-id": "mine",
    });
    allowed.body.destroy();
  });
});

describe("the limit of open connections", () => {
  test("counts WebSockets and event streams together, and allows a new one when one has closed", async () => {
    const first = bare();
    await first.introduce();
    const streams = [await stream({}), await stream({})];
    expect(await metric("live_connections")).toBe(3);
    const { status, body } = await bare().refused;
    expect(status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({
      errors: [{ extensions: { code: "RATE_LIMITED", retryable: true } }],
    });
    const refused = await stream({});
    expect(refused.statusCode).toBe(503);
    expect(await refused.body.json()).toMatchObject({ errors: [{ extensions: { code: "RATE_LIMITED" } }] });
    expect(await metric('live_refusals_total{reason="full"}')).toBe(2);
    first.socket.close();
    await first.closed;
    await eventually(async () => (await metric("live_connections")) === 2);
    const next = bare();
    await next.introduce();
    expect(next.messages).toEqual([{ type: "connection_ack" }]);
    for (const { body: open } of streams) open.destroy();
  });
});

test("WebSockets of one address that have not read events take half of all, also with different tokens", async () => {
  const shared = gateway;
  const limits = { LIVE_CONNECTIONS_MAX: "4", LIVE_CONNECTIONS_PER_CALLER_MAX: "1" };
  gateway = await startGateway(settings({ ...limits, MODELARTS_AUTH: "passthrough" }));
  try {
    const withToken = (token: string) => bare(undefined, { "x-auth-token": token });
    const [first, second] = [withToken("one"), bare()];
    await Promise.all([first.introduce(), second.opened]);
    expect((await withToken("three").refused).status).toBe(429);
    expect((await bare().refused).status).toBe(429);
    expect(await metric('live_refusals_total{reason="address_full"}')).toBe(2);
    first.send(subscribe("1"));
    await eventually(() => first.messages.some(({ type }) => type === "next"));
    const third = withToken("three");
    await third.introduce();
    expect(third.messages).toEqual([{ type: "connection_ack" }]);
  } finally {
    for (const socket of sockets) socket.terminate();
    await gateway.stop();
    gateway = shared;
  }
});

describe("on one WebSocket", () => {
  test("a hundred operations may run, and only the next one is refused", async () => {
    const { introduce, send, messages } = bare();
    await introduce();
    for (let index = 0; index <= 100; index += 1) send(subscribe(String(index), { id: "empty" }));
    await eventually(() => messages.filter(({ type }) => type === "next").length === 100);
    await eventually(() => messages.some(({ type }) => type === "error"));
    expect(messages.filter(({ type }) => type === "error")).toEqual([
      {
        id: "100",
        type: "error",
        payload: [{ message: expect.any(String), extensions: { code: "RATE_LIMITED", retryable: true } }],
      },
    ]);
    send({ id: "7", type: "complete" });
    await eventually(async () => (await metric("live_streams{")) === 99);
    send(subscribe("101", { id: "empty" }));
    await eventually(() => messages.some(({ id, type }) => id === "101" && type === "next"));
  });

  test("an ID can be used again at once, and no stream is left running", async () => {
    const live = bare();
    await live.introduce();
    live.send(subscribe("a"));
    await eventually(() => live.messages.some(({ type }) => type === "next"));
    live.messages.length = 0;
    for (let turn = 0; turn < 20; turn += 1) {
      live.send({ id: "a", type: "complete" });
      live.send(subscribe("a", { id: "running", last: 1 }));
    }
    await eventually(() => live.messages.some(({ type }) => type === "next"));
    await eventually(async () => (await metric("live_streams{")) === 1);
    expect(live.messages.every(({ type }) => type === "next")).toBe(true);
    live.send({ id: "a", type: "complete" });
    live.send(subscribe("a"));
    live.send({ id: "a", type: "complete" });
    await eventually(async () => (await metric("live_streams{")) === 0);
    live.send(subscribe("a"));
    live.send({ id: "a", type: "complete" });
    live.send(subscribe("a"));
    live.socket.terminate();
    await eventually(async () => (await metric("live_connections")) === 0);
    await eventually(async () => (await metric("live_streams{")) === 0);
  });

  test("an ID that is used twice while its operation ends closes the connection", async () => {
    const { introduce, send, closed } = bare();
    await introduce();
    send(subscribe("1"));
    send({ id: "1", type: "complete" });
    send(subscribe("1"));
    send(subscribe("1"));
    expect(await closed).toBe(4409);
  });

  test("operations that do not end are limited", async () => {
    const { introduce, send, closed, socket } = bare();
    await introduce();
    socket.pause();
    const query = `${FOLLOW}\n#${"x".repeat(200_000)}`;
    for (let index = 0; index < 200; index += 1) {
      send({ id: String(index), type: "subscribe", payload: { query, variables: { id: "empty" } } });
    }
    await eventually(async () => (await metric("live_connections")) === 0);
    socket.resume();
    expect(await closed).toBe(1006);
  });

  test.each([
    ["says nothing", 4408, () => undefined],
    [
      "subscribes before connection_init",
      4401,
      ({ send }: ReturnType<typeof bare>) => {
        send(subscribe("1"));
      },
    ],
    [
      "sends an invalid message",
      4400,
      ({ send }: ReturnType<typeof bare>) => {
        send("{");
      },
    ],
    [
      "sends a message that only servers send",
      4400,
      ({ send }: ReturnType<typeof bare>) => {
        send({ type: "connection_ack" });
      },
    ],
    [
      "sends too long a message",
      1009,
      ({ send }: ReturnType<typeof bare>) => {
        send("x".repeat(262_145));
      },
    ],
    [
      "sends a very long language",
      4400,
      ({ send }: ReturnType<typeof bare>) => {
        send({ type: "connection_init", payload: { "Accept-Language": "en,".repeat(1_000) } });
      },
    ],
    [
      "names a token that is no text",
      4400,
      ({ send }: ReturnType<typeof bare>) => {
        send({ type: "connection_init", payload: { "X-Auth-Token": 5 } });
      },
    ],
  ])("a client that %s gets close code %i", async (_what, code, act) => {
    const live = bare();
    await live.opened;
    act(live);
    expect(await live.closed).toBe(code);
  });

  test("two operations with one ID close it", async () => {
    const { introduce, send, closed } = bare();
    await introduce();
    send(subscribe("1"));
    send(subscribe("1"));
    expect(await closed).toBe(4409);
  });

  test("a client with another sub-protocol is refused with a reason", async () => {
    // A client's library would hang up by itself, as it finds none of its own in the answer.
    const socket = upgradeByHand(gateway.url, "sec-websocket-protocol: graphql-ws");
    let received = "";
    socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
    await eventually(() => received.includes("Subprotocol not acceptable"));
    expect(received).toMatch(/^HTTP\/1\.1 101 /);
    // A close frame: 4406 and its reason.
    expect(received).toContain(String.fromCharCode(4406 >> 8, 4406 & 255));
    socket.destroy();
  });
});

describe("paths and methods", () => {
  test("there is no WebSocket elsewhere", async () => {
    expect((await bare("graphql-transport-ws", {}, "/stream").refused).status).toBe(404);
  });

  const offer = { ...WEB_SOCKET_OFFER, "x-request-id": "mine" };
  test.each([
    ["without a key", "GET", { ...offer, "sec-websocket-key": "" }, 400],
    ["of another version", "GET", { ...offer, "sec-websocket-version": "7" }, 400],
    ["by POST", "POST", offer, 405],
  ] as const)(
    "a WebSocket that is asked for %s is refused as all else is",
    async (_what, method, headers, status) => {
      const { hostname, port } = new URL(gateway.url);
      const asked = rawRequest({ hostname, port, path: "/graphql", method, headers }).end();
      const [response] = (await once(asked, "response")) as [IncomingMessage];
      expect(response.statusCode).toBe(status);
      expect(response.headers["x-request-id"]).toBe("mine");
      expect(JSON.parse(await text(response))).toMatchObject({
        errors: [{ extensions: { code: "BAD_REQUEST" } }],
      });
    },
  );

  test("a WebSocket opens at the graph's path with a slash at its end, too", async () => {
    const follower = new Follower(add(wsClient(`${gateway.url}/`)), { id: "empty" });
    await eventually(() => follower.batches.length > 0);
    expect(follower.errors).toEqual([]);
  });

  test("an open WebSocket returns its request ID", async () => {
    const { hostname, port } = new URL(gateway.url);
    const anonymous = { ...offer, "x-request-id": "" };
    for (const [headers, id] of [
      [offer, /^mine$/],
      [anonymous, /^[0-9a-f-]{36}$/],
    ] as const) {
      const asked = rawRequest({
        hostname,
        port,
        path: "/graphql",
        headers: { ...headers, "sec-websocket-protocol": "graphql-transport-ws" },
      }).end();
      const [response, socket] = (await once(asked, "upgrade")) as [IncomingMessage, Socket];
      expect(response.headers["x-request-id"]).toMatch(id);
      socket.destroy();
    }
  });

  test.each([
    ["GET", "/stream", { accept: "application/json" }, 406],
    ["GET", "/stream", { accept: "text/event-stream" }, 400],
    ["PUT", "/stream", {}, 405],
    ["DELETE", "/stream", {}, 405],
    ["HEAD", "/stream", {}, 405],
    ["POST", "/stream", { accept: "text/event-stream" }, 415],
    ["POST", "/stream", { accept: "text/event-stream", "content-type": "text/plain" }, 415],
    ["POST", "/stream", { accept: "text/event-stream", "content-type": "application/json" }, 400],
  ] as const)("%s %s with %j is %i", async (method, path, headers, status) => {
    const body = "content-type" in headers ? "[]" : null;
    const answered = await request(gateway.url + path, { method, headers, body });
    expect(answered.statusCode).toBe(status);
    const told = await answered.body.text();
    if (method !== "HEAD") {
      expect(JSON.parse(told)).toMatchObject({
        errors: [{ extensions: { code: "BAD_REQUEST", retryable: false } }],
      });
    }
  });

  test.each([
    { query: "{__typename}", operationName: {} },
    { query: "{__typename}", operationName: 1 },
    { query: 1 },
    { query: "{__typename}", variables: [] },
    { query: "{__typename}", extensions: "a" },
  ])("no stream of %j", async (body) => {
    const refused = await stream({}, body);
    expect(refused.statusCode).toBe(400);
    expect(await refused.body.json()).toMatchObject({
      errors: [{ message: expect.stringMatching(/^Invalid/), extensions: { code: "BAD_REQUEST" } }],
    });
  });

  test("no stream that waits for another one on its connection", async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connectSocket(Number(port), hostname);
    socket.resume();
    const head = `GET /graphql/stream?${SEARCH} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n`;
    socket.write(head.repeat(3));
    await eventually(async () => (await metric("live_streams{")) === 1);
    expect(await metric("live_connections")).toBe(1);
    socket.destroy();
    await eventually(async () => (await metric("live_connections")) === 0);
    await eventually(async () => (await metric("live_streams{")) === 0);
  });

  test("a stream that waits for another answer on its connection is refused with a reason", async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connectSocket(Number(port), hostname);
    let received = "";
    socket.on("data", (chunk: Buffer) => (received += chunk.toString("utf8")));
    const body = JSON.stringify({ query: '{ trainingJob(id: "empty") { id } }' });
    const ask = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
    socket.write(
      `${ask}\r\n\r\n${body}GET /graphql/stream?${SEARCH} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n`,
    );
    await eventually(() => received.includes("pipelining"));
    expect(received).toContain("HTTP/1.1 400 ");
    socket.destroy();
  });

  test("a stream of a query that is sent by GET", async () => {
    const { body } = await request(`${gateway.url}/stream?${SEARCH}`, {
      headers: { accept: "text/event-stream" },
    });
    let received = "";
    for await (const chunk of body) {
      received += String(chunk);
      if (received.includes("caughtUp")) break;
    }
    expect(received).toMatch(
      /^:\n\nid: ([\w-]+)\nevent: next\ndata: {"data":{"trainingJobEvents":{"edges":\[\],.*"endCursor":"\1","caughtUp":true,.*}}}\n\n$/,
    );
  });
});

test("introspection, the SDL and names in errors are refused like by POST", async () => {
  for (const [, create] of CLIENTS) {
    for (const query of ["{ __schema { types { name } } }", "{ _service { sdl } }"]) {
      const follower = new Follower(add(create(gateway.url)), {}, query);
      await eventually(() => follower.errors.length > 0);
      expect(follower.errors[0]?.extensions["validationErrorCode"]).toBe("INTROSPECTION_DISABLED");
    }
    const misspelt = 'subscription { trainingJobEvent(id: "a") { caughtUp } }';
    const follower = new Follower(add(create(gateway.url)), {}, misspelt);
    await eventually(() => follower.errors.length > 0);
    expect(follower.errors[0]?.message).not.toContain("Did you mean");
    for (const client of clients.splice(0)) await client.close();
    await eventually(async () => (await metric("live_connections")) === 0);
  }
});

test("a subscription is priced as a query: two calls for each of its logs", async () => {
  for (const [, create] of CLIENTS) {
    const filter = { levels: ["INFO", "ERROR"], sources: ["JOB", "TASK"] };
    const client = add(create(gateway.url));
    const dear = new Follower(client, { id: "empty", filter });
    await eventually(() => dear.errors.length > 0);
    expect(dear.errors[0]?.extensions.code).toBe("OPERATION_TOO_COMPLEX");
    expect(dear.errors[0]?.message).toContain("8 upstream calls");
    const cheap = new Follower(client, { id: "empty", filter: { levels: ["INFO", "ERROR"] } });
    await eventually(() => cheap.batches.length > 0);
  }
});

test("a client that offers h2c, as Java's does, is answered in HTTP/1.1", async () => {
  const body = JSON.stringify({ query: '{ trainingJob(id: "empty") { id } }' });
  const args = ["-s", "--http2", gateway.url, "-H", "content-type: application/json", "-d", body];
  const { stdout } = await promisify(execFile)("curl", args);
  expect(JSON.parse(stdout)).toEqual({ data: { trainingJob: { id: "empty" } } });
});

describe("a client that does not read", () => {
  // A batch of about 130 KB. The whole log has more than 100 MB, far more than the buffers of sockets.
  const aliases = Array.from({ length: 20 }, (_, index) => `m${index}: message`).join(" ");
  const LARGE = `subscription($id: ID!, $after: String) {
    trainingJobEvents(id: $id, after: $after) { caughtUp edges { node { ${aliases} } } }
  }`;
  const variables = async (): Promise<object> => {
    const { data } = await askEvents(gateway.url, { id: "events-100000", order: "OLDEST_FIRST", first: 1 });
    return { id: "events-100000", after: data?.trainingJob.events?.pageInfo.endCursor };
  };

  const batchesSent = (transport: string): Promise<number> =>
    metric(`live_batches_total{transport="${transport}"}`);

  /** How many batches are sent after the first `before`, until no more are. */
  async function batchesUntilRest(transport: string, before: number): Promise<number> {
    let seen = { batches: before, atMs: performance.now() };
    await eventually(async () => {
      const batches = await batchesSent(transport);
      if (batches !== seen.batches) seen = { batches, atMs: performance.now() };
      return batches > before && performance.now() - seen.atMs > 1_000;
    });
    return seen.batches - before;
  }

  test("over graphql-ws stops further reads, and continues where it was", async () => {
    const live = bare();
    await live.introduce();
    live.socket.pause();
    const before = await batchesSent("ws");
    live.send({ id: "1", type: "subscribe", payload: { query: LARGE, variables: await variables() } });
    expect(await batchesUntilRest("ws", before)).toBeLessThan(300);
    const got = live.messages.length;
    live.socket.resume();
    await eventually(() => live.messages.length > got + 400);
    live.socket.terminate();
  });

  test("over graphql-sse stops further reads, and continues where it was", async () => {
    const url = new URL(gateway.url);
    const socket = connectSocket(Number(url.port), url.hostname);
    const search = new URLSearchParams({ query: LARGE, variables: JSON.stringify(await variables()) });
    const before = await batchesSent("sse");
    socket.write(
      `GET /graphql/stream?${search.toString()} HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n`,
    );
    expect(await batchesUntilRest("sse", before)).toBeLessThan(300);
    let got = 0;
    socket.on("data", (chunk: Buffer) => (got += chunk.length));
    await eventually(() => got > 400 * 100_000);
    socket.destroy();
  });
});

describe("SIGTERM", () => {
  test("makes clients of both protocols continue at another process", async () => {
    const leaving = await startGateway(settings({ SHUTDOWN_DELAY_MS: "200" }));
    simulator.jobs.create("moving", [{ message: "first" }]);
    const codes: number[] = [];
    const followers = [
      new Follower(add(wsClient(leaving.url, { onClosed: (code) => codes.push(code) })), {
        id: "moving",
        last: 1,
      }),
      new Follower(add(sseClient(leaving.url)), { id: "moving", last: 1 }),
    ];
    await eventually(() => followers.every(({ messages }) => messages.length === 1));
    leaving.signal("SIGTERM");
    const { exitCode } = await leaving.ended;
    expect(exitCode).toBe(0);
    expect(codes[0]).toBe(1012);
    // Neither was told that all is said: these clients, told to try no more, report a broken connection.
    await eventually(() => followers.every(({ failure }) => failure !== null));
    expect(followers.map(({ isComplete }) => isComplete)).toEqual([false, false]);
    simulator.jobs.add("moving", [{ message: "second" }]);
    const resumed = followers.map(
      ({ endCursor }, index) =>
        new Follower(add(index === 0 ? wsClient(gateway.url) : sseClient(gateway.url)), {
          id: "moving",
          after: endCursor,
        }),
    );
    await eventually(() => resumed.every(({ messages }) => messages.length === 1));
    expect(resumed.map(({ messages }) => messages)).toEqual([["second"], ["second"]]);
  });

  test("clients reconnect by themselves, and continue where they were", async () => {
    simulator.jobs.create("restarted", [{ message: "1" }, { message: "2" }]);
    // Not a port that an outgoing connection could take while no server listens.
    const port = String(await freePort());
    const first = await startGateway(settings({ SHUTDOWN_DELAY_MS: "0", PORT: port }));
    const followers = [wsClient, sseClient].map(
      (create) => new Follower(add(create(first.url, { retries: 1_000 })), { id: "restarted", last: 1 }),
    );
    await eventually(() => followers.every(({ messages }) => messages.length === 1));
    first.signal("SIGTERM");
    await first.ended;
    simulator.jobs.add("restarted", [{ message: "3" }]);
    const second = await startGateway(settings({ PORT: port }));
    await eventually(() => followers.every(({ messages }) => messages.length >= 2));
    expect(followers.map(({ messages }) => messages)).toEqual([
      ["2", "3"],
      ["2", "3"],
    ]);
    expect(followers.map(({ failure }) => failure)).toEqual([null, null]);
    for (const client of clients.splice(0)) await client.close();
    await second.stop();
  });

  test("a client that does not answer the close does not delay the stop", async () => {
    const leaving = await startGateway(settings({ SHUTDOWN_DELAY_MS: "0" }));
    const socket = upgradeByHand(leaving.url, "sec-websocket-protocol: graphql-transport-ws");
    await once(socket, "data");
    socket.on("error", () => undefined);
    leaving.signal("SIGTERM");
    expect((await leaving.ended).exitCode).toBe(0);
  });
});
