import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { request } from "undici";
import { type LiveCall } from "../../../src/graphql/live/live-call.js";
import { CLIENTS, Follower, WEB_SOCKET_HEAD } from "../../support/live/live-clients.js";
import { startStubGateway, type StubGateway } from "../../support/processes/stub-http-gateway.js";
import { eventually } from "../../support/eventually.js";
import { stopClock } from "../../support/virtual/stopped-clock.js";

const HOUR_MS = 3_600_000;

afterEach(() => {
  jest.useRealTimers();
});

const status = async (gateway: StubGateway, path: string): Promise<number> => {
  const answered = await request(`${gateway.url}${path}`);
  await answered.body.dump();
  return answered.statusCode;
};

function send(gateway: StubGateway, query: string): { socket: Socket; answer: Promise<string> } {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  socket.write(`GET /graphql?query=${encodeURIComponent(query)} HTTP/1.1\r\nhost: x\r\n\r\n`);
  return { socket, answer: text(socket) };
}

test("readiness ends at once, connections are accepted for the delay, and requests in flight are answered", async () => {
  let endDelay = (): void => undefined;
  const delay = new Promise<void>((resolve) => (endDelay = resolve));
  const gateway = await startStubGateway({ requestTimeoutMs: HOUR_MS, waitForDelay: () => delay });
  expect(await status(gateway, "/readyz")).toBe(200);
  const slow = send(gateway, "{ slow }");
  await eventually(() => gateway.facts.length === 1);
  const drained = gateway.server.drain({ delayMs: HOUR_MS, graceMs: 2 * HOUR_MS });
  const ready = await request(`${gateway.url}/readyz`);
  expect(await ready.body.json()).toEqual({ status: "draining" });
  expect(ready.statusCode).toBe(503);
  expect(ready.headers["connection"]).toBe("close");
  expect(await status(gateway, "/healthz")).toBe(200);
  expect(await status(gateway, "/graphql?query=%7Bhello%7D")).toBe(200);
  endDelay();
  await refused(gateway);
  gateway.release();
  await drained;
  const answer = await slow.answer;
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).toMatch(/connection: close/i);
  expect(answer).toContain('{"data":{"slow":"at last"}}');
});

test("requests still in flight near the end of the grace get an error", async () => {
  const gateway = await startStubGateway({ requestTimeoutMs: HOUR_MS });
  stopClock();
  const slow = send(gateway, "{ slow }");
  await eventually(() => gateway.facts.length === 1);
  const drained = gateway.server.drain({ delayMs: 0, graceMs: 2000 });
  jest.advanceTimersByTime(1599);
  expect(gateway.facts[0]?.deadline.signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  await drained;
  expect(gateway.facts[0]?.deadline.signal.reason).toMatchObject({ code: "UPSTREAM_UNAVAILABLE" });
  expect(await slow.answer).toContain('"path":["slow"]');
});

const HEAD =
  "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 19\r\n\r\n";

/** A connection on which no more comes than `bytes`, once the server has taken it. */
async function silent(gateway: StubGateway, bytes: string): Promise<{ end: Promise<string> }> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  await once(socket, "connect");
  if (bytes !== "") await new Promise((written) => socket.write(bytes, written));
  return { end: text(socket).catch(() => "cut") };
}

// With a grace of an hour nothing is cut by it: the drain ends by itself, or this test does not end.
test.each([
  ["says nothing", ""],
  ["has sent half a head", HEAD.slice(0, 40)],
  ["has sent half a body", `${HEAD}{`],
])("a connection that %s does not delay the drain, nor does an idle one", async (_what, bytes) => {
  const gateway = await startStubGateway();
  const idle = send(gateway, "{ hello }");
  await eventually(() => gateway.facts.length === 1);
  const half = await silent(gateway, bytes);
  expect(await status(gateway, "/healthz")).toBe(200);
  const slow = send(gateway, "{ slow }");
  await eventually(() => gateway.facts.length === 2);
  const drained = gateway.server.drain({ delayMs: 0, graceMs: HOUR_MS });
  expect(await half.end).not.toContain("HTTP/1.1 200");
  // Complete requests are still being answered then.
  gateway.release();
  await drained;
  expect(await idle.answer).toContain("world");
  expect(await slow.answer).toContain("at last");
});

describe("live connections", () => {
  test.each(CLIENTS)(
    "a query over %s that is in flight near the end of the grace gets an error",
    async (_name, connectTo) => {
      const gateway = await startStubGateway({ requestTimeoutMs: HOUR_MS });
      const client = connectTo(`${gateway.url}/graphql`);
      const slow = new Follower(client, {}, "{ slow }");
      await eventually(() => gateway.facts.length === 1);
      stopClock();
      const drained = gateway.server.drain({ delayMs: 0, graceMs: 2000 });
      jest.advanceTimersByTime(1599);
      expect(gateway.facts[0]?.deadline.signal.aborted).toBe(false);
      jest.advanceTimersByTime(1);
      await drained;
      await eventually(() => slow.isComplete);
      expect(slow.results).toMatchObject([{ data: { slow: null }, errors: [{ path: ["slow"] }] }]);
      await client.close();
    },
  );

  test.each(CLIENTS)(
    "a subscription over %s that starts during the drain ends at once",
    async (_name, connectTo) => {
      const calls: LiveCall[] = [];
      let stops = 0;
      const gateway = await startStubGateway({
        live: {
          run: (_request, call) => {
            calls.push(call);
            return { stop: () => (stops += 1) };
          },
        },
      });
      const client = connectTo(`${gateway.url}/graphql`);
      const follower = new Follower(client, {}, "subscription { news }");
      await eventually(() => calls.length === 1);
      const drained = gateway.server.drain({ delayMs: 0, graceMs: HOUR_MS });
      await refused(gateway);
      expect(follower.results).toEqual([]);
      calls[0]?.onSubscription(null);
      await drained;
      await eventually(() => follower.failure !== null);
      expect(follower.errors).toMatchObject([
        { extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } },
      ]);
      expect(follower.isComplete).toBe(false);
      expect(stops).toBeGreaterThan(0);
      await client.close();
    },
  );

  test("a WebSocket with a query in flight takes no new operations, and is closed after the answer", async () => {
    const gateway = await startStubGateway({ requestTimeoutMs: HOUR_MS });
    const socket = await openSocket(gateway);
    socket.send(SLOW);
    await eventually(() => gateway.facts.length === 1);
    const drained = gateway.server.drain({ delayMs: 0, graceMs: HOUR_MS });
    await refused(gateway);
    socket.send('{"id":"2","type":"subscribe","payload":{"query":"{ hello }"}}');
    socket.send('{"type":"ping"}');
    await eventually(() => socket.received().includes("pong"));
    gateway.release();
    await eventually(() => socket.received().includes("Service Restart"));
    expect(gateway.facts).toHaveLength(1);
    expect(socket.received()).toMatch(
      /pong.*"next".*"at last".*"id":"1","type":"complete".*Service Restart/s,
    );
    socket.destroy();
    await drained;
  });

  test("an event stream of a query ends its connection after the answer", async () => {
    const gateway = await startStubGateway({ requestTimeoutMs: HOUR_MS });
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    socket.write(
      "GET /graphql/stream?query=%7Bslow%7D HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n\r\n",
    );
    const answer = text(socket);
    await eventually(() => gateway.facts.length === 1);
    stopClock();
    const drained = gateway.server.drain({ delayMs: 0, graceMs: HOUR_MS });
    await refused(gateway);
    // After this time, the server no longer looks for connections without a request.
    jest.advanceTimersByTime(1000);
    gateway.release();
    expect(await answer).toMatch(/"at last".*event: complete/s);
    await drained;
  });

  test("a WebSocket that its client does not close is ended after a second", async () => {
    const gateway = await startStubGateway();
    const socket = await openSocket(gateway);
    stopClock();
    const drained = gateway.server.drain({ delayMs: 0, graceMs: HOUR_MS });
    await eventually(() => socket.received().includes("Service Restart"));
    jest.advanceTimersByTime(1000);
    await drained;
  });

  test("a WebSocket that its client does not close after a query is ended at the end of the grace", async () => {
    const gateway = await startStubGateway({ requestTimeoutMs: HOUR_MS });
    const socket = await openSocket(gateway);
    socket.send(SLOW);
    await eventually(() => gateway.facts.length === 1);
    stopClock();
    const drained = gateway.server.drain({ delayMs: 0, graceMs: 2000 });
    await refused(gateway);
    jest.advanceTimersByTime(1600);
    await eventually(() => socket.received().includes("Service Restart"));
    expect(socket.received()).toContain('"path":["slow"]');
    jest.advanceTimersByTime(200);
    await drained;
  });
});

const SLOW = '{"id":"1","type":"subscribe","payload":{"query":"{ slow }"}}';

/** Waits until the server accepts no connections any more. */
async function refused(gateway: StubGateway): Promise<void> {
  await eventually(() =>
    status(gateway, "/readyz").then(
      () => false,
      () => true,
    ),
  );
}

/** A WebSocket after `connection_init`, whose client never answers the close frame. */
async function openSocket(gateway: StubGateway) {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  let received = "";
  socket.on("data", (bytes) => (received += bytes.toString("latin1")));
  socket.write(`${WEB_SOCKET_HEAD.join("\r\n")}\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n`);
  /** Sends a message as a masked frame. */
  const message = (text: string): void => {
    const head = [0x81, 0x80 | Buffer.byteLength(text), 0, 0, 0, 0];
    socket.write(Buffer.concat([Buffer.from(head), Buffer.from(text)]));
  };
  await eventually(() => received.includes("101"));
  message('{"type":"connection_init"}');
  await eventually(() => received.includes("connection_ack"));
  return { received: () => received, send: message, destroy: () => socket.destroy() };
}
