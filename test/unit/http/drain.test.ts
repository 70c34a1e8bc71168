import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, jest, test } from "@jest/globals";
import { request } from "undici";
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
  await eventually(async () => {
    try {
      return (await status(gateway, "/readyz")) === 0;
    } catch {
      return true;
    }
  });
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
