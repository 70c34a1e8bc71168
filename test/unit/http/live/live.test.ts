import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { request } from "undici";
import { WebSocket } from "ws";
import { type LiveCall, LiveResult, type RunLive } from "../../../../src/graphql/live/live-call.js";
import {
  type ConnectionClient,
  type LiveConnection,
  LiveConnections,
} from "../../../../src/http/live/connections.js";
import { createMetrics } from "../../../../src/observability/metrics/metrics.js";
import { whileAwake } from "../../../support/retry-on-stall.js";
import { eventually } from "../../../support/eventually.js";
import { WEB_SOCKET_HEAD } from "../../../support/live/live-clients.js";
import { startStubGateway, type StubGateway } from "../../../support/processes/stub-http-gateway.js";
import { stopIntervals } from "../../../support/virtual/stopped-clock.js";

let gateway: StubGateway;
let sockets: Socket[] = [];
afterEach(closeToy);

async function closeToy(): Promise<void> {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await gateway.close();
}

/** A connection whose client sends this, and does nothing by itself. */
function send(head: readonly string[]): Socket {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  socket.on("error", () => undefined);
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  return socket;
}

const WEB_SOCKET = [...WEB_SOCKET_HEAD, "sec-websocket-protocol: graphql-transport-ws"];

async function metrics(): Promise<string> {
  return (await request(`${gateway.url}/metrics`)).body.text();
}

test("a WebSocket whose peer does not answer a ping is closed", async () => {
  gateway = await startStubGateway({ live: { keepAliveMs: 20 } });
  const socket = send(WEB_SOCKET);
  socket.resume();
  await once(socket, "close");
  await eventually(() => gateway.log.some(({ status, closeCode }) => status === 101 && closeCode === 1006));
  expect(await metrics()).toContain('live_connections{transport="ws"} 0');
});

/** A masked frame, as clients send it. */
function frame(opcode: number, text = ""): Buffer {
  const length = Buffer.byteLength(text);
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | length, 0, 0, 0, 0]), Buffer.from(text)]);
}

/** Subscribes by WebSocket to more than buffers of sockets take, and reads nothing of it by itself. */
async function flood(): Promise<Socket> {
  const socket = send(WEB_SOCKET);
  await once(socket, "readable");
  socket.write(frame(1, '{"type":"connection_init"}'));
  socket.write(frame(1, '{"id":"1","type":"subscribe","payload":{"query":"subscription{flood}"}}'));
  return socket;
}

/** The limits are twice as long as the pauses of the tests, so that a stall of the machine is not taken for a client's. */
const STALL_MS = 500;

const isStalled = (): boolean =>
  gateway.log.some(({ msg, reason }) => msg === "subscription" && reason === "stalled");

test("a WebSocket whose client reads slowly stays open, even without a pong for a while", async () => {
  await whileAwake(
    STALL_MS,
    async () => {
      const keepAliveMs = 2 * STALL_MS;
      gateway = await startStubGateway({ live: { keepAliveMs } });
      const socket = await flood();
      // It gets several pings in this time, but fewer than close the connection of a client that reads.
      const endMs = performance.now() + 4 * keepAliveMs;
      while (performance.now() < endMs) {
        socket.read(Math.min(socket.readableLength, 65_536));
        await wait(25);
      }
      expect(await metrics()).toContain('live_connections{transport="ws"} 1');
      // And no more once it reads no more.
      await eventually(isStalled);
    },
    closeToy,
  );
});

test("an event stream whose client reads nothing is closed after a while, and one that is read stays open", async () => {
  await whileAwake(
    STALL_MS,
    async () => {
      gateway = await startStubGateway({ live: { stallMs: 2 * STALL_MS } });
      const head = [
        "GET /graphql/stream?query=subscription%7Bflood%7D HTTP/1.1",
        "host: x",
        "accept: text/event-stream",
      ];
      send(head);
      const reading = send(head);
      let got = 0;
      reading.on("data", (chunk) => (got += chunk.length));
      await eventually(isStalled);
      const before = got;
      await eventually(() => got > before + 1_000_000 || reading.destroyed);
      expect(await metrics()).toContain('live_streams_ended_total{reason="stalled"} 1');
      expect(await metrics()).toContain('live_connections{transport="sse"} 1');
    },
    closeToy,
  );
});

test("an event stream over HTTP/1.0 has no chunks", async () => {
  const run: RunLive = (_request, call) => {
    setImmediate(() => {
      call.send(new LiveResult('{"data":{"a":1}}', 0, null));
      call.end(null);
    });
    return { stop: () => undefined };
  };
  gateway = await startStubGateway({ live: { run } });
  const received = async (version: string): Promise<string> => {
    const socket = send([
      `GET /graphql/stream?query=%7Ba%7D HTTP/${version}`,
      "host: x",
      "accept: text/event-stream",
      "connection: close",
    ]);
    return (await text(socket)).split("\r\n\r\n").slice(1).join("\r\n\r\n");
  };
  const event = 'event: next\ndata: {"data":{"a":1}}\n\n';
  const end = "id: end\nevent: complete\ndata:\n\n";
  expect(await received("1.0")).toBe(`:\n\n${event}${end}`);
  const chunks = [":\n\n", event, end, ""].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  expect(await received("1.1")).toBe(chunks.join(""));
});

test("a subscription whose client has left before it may run is not counted", async () => {
  const calls: LiveCall[] = [];
  const run: RunLive = (_request, call) => {
    calls.push(call);
    return { stop: () => undefined };
  };
  gateway = await startStubGateway({ live: { run } });
  const socket = send(["GET /graphql/stream?query=%7Ba%7D HTTP/1.1", "host: x", "accept: text/event-stream"]);
  await eventually(() => calls.length === 1);
  socket.destroy();
  await eventually(() => gateway.log.some(({ msg }) => msg === "operation"));
  calls[0]?.onSubscription(null);
  expect(await metrics()).not.toContain('live_streams{transport="sse"} 1');
});

describe("a WebSocket", () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Connections become idle only when the test says so, so that a busy machine does not close them early. */
  const IDLE_MS = 20;
  const startIdle = async (run?: RunLive): Promise<void> => {
    stopIntervals();
    gateway = await startStubGateway({ live: { idleMs: IDLE_MS, ...(run && { run }) } });
  };

  /**
   * Opens one, introduces its client and sends messages. Once they have `arrived`, the connection may become idle.
   * @returns the code and reason of its end
   */
  async function closing(messages: readonly string[] = [], arrived = () => true): Promise<[number, string]> {
    const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    await once(socket, "open");
    socket.send('{"type":"connection_init"}');
    // A client that does not wait for the acknowledgement is refused.
    if (messages.length > 0) await once(socket, "message");
    for (const message of messages) socket.send(message);
    await eventually(arrived);
    const closed = once(socket, "close");
    await eventually(() => {
      jest.advanceTimersByTime(IDLE_MS);
      return socket.readyState === WebSocket.CLOSED;
    });
    const [code, reason] = (await closed) as [number, Buffer];
    return [code, reason.toString()];
  }

  const subscribe = (query: string): string =>
    JSON.stringify({ id: "1", type: "subscribe", payload: { query } });

  test("without an operation is closed after a while, and one with an operation stays open", async () => {
    await startIdle();
    const busy = await flood();
    busy.resume();
    await eventually(() => busy.bytesRead > 65_536);
    expect(await closing()).toEqual([1000, "No operation"]);
    expect(await closing([subscribe("{ hello }")])).toEqual([1000, "No operation"]);
    expect(await metrics()).toContain('live_connections{transport="ws"} 1');
  });

  test.each([
    ["without the credentials that are needed", undefined, [4401, "Unauthorized"]],
    ["with a token that no operation has needed", "unknown", [1000, "No operation"]],
  ])("%s is closed even while it sends operations", async (_name, token, expected) => {
    gateway = await startStubGateway({ live: { idleMs: 1_000, credentialsHeader: "x-auth-token" } });
    const headers = token === undefined ? {} : { "x-auth-token": token };
    const url = `${gateway.url.replace("http", "ws")}/graphql`;
    const socket = new WebSocket(url, "graphql-transport-ws", { headers });
    await once(socket, "open");
    socket.send('{"type":"connection_init"}');
    // Each answer causes the next operation.
    socket.on("message", (data: Buffer) => {
      if (!data.toString().includes('"complete"') && !data.toString().includes("connection_ack")) return;
      socket.send(subscribe("{ hello }"));
    });
    const [code, reason] = (await once(socket, "close")) as [number, Buffer];
    expect([code, reason.toString()]).toEqual(expected);
  });

  test("counts for its caller only after it has sent its credentials", async () => {
    gateway = await startStubGateway({ live: { maxPerCaller: 1, credentialsHeader: "x-auth-token" } });
    const opened = ["a", "b", "b"].map(async (token) => {
      const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
      await once(socket, "open");
      return { socket, token };
    });
    const answers: unknown[] = [];
    for (const { socket, token } of await Promise.all(opened)) {
      const answer = Promise.race([
        once(socket, "message").then(([data]) => (JSON.parse(String(data)) as { type: string }).type),
        once(socket, "close").then(([code]) => code as number),
      ]);
      socket.send(JSON.stringify({ type: "connection_init", payload: { "X-Auth-Token": token } }));
      answers.push(await answer);
    }
    expect(answers).toEqual(["connection_ack", "connection_ack", 1013]);
  });

  test("that is refused is logged with its caller, as an event stream is", async () => {
    gateway = await startStubGateway({ live: { maxPerCaller: 1, credentialsHeader: "x-auth-token" } });
    const url = `${gateway.url.replace("http", "ws")}/graphql`;
    const open = (headers: Record<string, string>): WebSocket => {
      const socket = new WebSocket(url, "graphql-transport-ws", { headers });
      socket.on("error", () => undefined);
      return socket;
    };
    const first = open({ "x-auth-token": "token" });
    await once(first, "open");
    await once(open({ "x-auth-token": "token" }), "unexpected-response");
    const late = open({});
    await once(late, "open");
    late.send('{"type":"connection_init","payload":{"X-Auth-Token":"token"}}');
    await once(late, "close");
    const accept = "text/event-stream";
    const stream = `${gateway.url}/graphql/stream?query=subscription%7Bflood%7D`;
    await (await request(stream, { headers: { accept, "x-auth-token": "token" } })).body.dump();
    const caller = createHash("sha256").update("token").digest("hex");
    await eventually(() => gateway.log.filter((line) => line["caller"] === caller).length === 3);
    expect(gateway.log.map(({ status, closeCode }) => closeCode ?? status).sort()).toEqual([1013, 429, 429]);
  });

  describe("whose credentials were refused is closed with the code for it", () => {
    const errors = [{ message: "No token.", extensions: { code: "UNAUTHENTICATED" } }];
    const refused = new LiveResult(JSON.stringify({ data: null, errors }), 0, null, "UNAUTHENTICATED");
    const batch = new LiveResult('{"data":{}}', 0, null);

    /**
     * Each operation does this, and then does not end by itself.
     * @returns the number of operations that have done it
     */
    async function open(act: (query: string, call: LiveCall) => void): Promise<() => number> {
      let count = 0;
      await startIdle(({ query }, call) => {
        setImmediate(() => {
          act(query, call);
          count += 1;
        });
        return { stop: () => undefined };
      });
      return () => count;
    }

    test.each<[string, (call: LiveCall) => void]>([
      [
        "a subscription that was refused",
        (call) => {
          call.end(errors);
        },
      ],
      [
        "a subscription whose token has expired",
        (call) => {
          call.onSubscription(null);
          call.send(batch);
          call.end(errors);
        },
      ],
      [
        "a query",
        (call) => {
          call.send(refused);
          call.end(null);
        },
      ],
    ])("%s", async (_name, act) => {
      const done = await open((_query, call) => {
        act(call);
      });
      const end = await closing([subscribe("{ hello }")], () => done() === 1);
      expect(end).toEqual([4401, "Unauthorized"]);
    });

    test("although the next operation always runs already", async () => {
      const done = await open((query, call) => {
        if (query === "{ refused }") call.end(errors);
      });
      const waits = JSON.stringify({ id: "2", type: "subscribe", payload: { query: "{ waits }" } });
      const end = await closing([waits, subscribe("{ refused }")], () => done() === 2);
      expect(end).toEqual([4401, "Unauthorized"]);
    });
  });
});

describe("the connections of a process", () => {
  const told: string[] = [];
  const connection = (): LiveConnection => ({
    transport: "ws",
    close: () => told.push("close") > 0,
    terminate: () => told.push("terminate"),
    tick: () => told.push("tick"),
  });
  const from = (caller: string | null, address = "address"): ConnectionClient => ({ caller, address });
  const limited = (maxConnections: number, maxPerCaller: number): LiveConnections =>
    new LiveConnections({ maxConnections, maxPerCaller }, createMetrics().live, 5);
  beforeEach(async () => {
    told.length = 0;
    gateway = await startStubGateway();
  });

  test("are limited, and no new ones are accepted during the shutdown", async () => {
    const connections = limited(1, 1);
    expect(connections.refusalOf(from("a"))).toBeNull();
    const leave = connections.add(connection(), from("a"));
    await eventually(() => told.includes("tick"));
    expect(connections.refusalOf(from("b"))).toMatchObject({ status: 503, code: "RATE_LIMITED" });
    const closed = connections.close();
    expect(connections.refusalOf(from("b"))).toMatchObject({ status: 503, code: "UPSTREAM_UNAVAILABLE" });
    expect(told).toContain("close");
    await eventually(() => told.includes("terminate"));
    leave();
    await closed;
  });

  test("are limited for each caller, also if it sends its credentials later", async () => {
    const connections = limited(10, 2);
    const [first, second, third] = [connection(), connection(), connection()];
    const leave = [connections.add(first, from("a")), connections.add(second, from("address"))];
    expect(connections.move(second, "a")).toBe(true);
    expect(connections.refusalOf(from("a"))).toMatchObject({ status: 429, code: "RATE_LIMITED" });
    expect(connections.refusalOf(from("address"))).toBeNull();
    leave.push(connections.add(third, from("address")));
    expect(connections.move(third, "a")).toBe(false);
    leave[0]?.();
    expect(connections.refusalOf(from("a"))).toBeNull();
    expect(connections.move(third, "a")).toBe(true);
    for (const end of leave) end();
    await connections.close();
  });

  test("of one address may be half of all before they have read events, whatever tokens they send", async () => {
    const connections = limited(6, 2);
    const [first, ...others] = [from(null), from("token 1"), from("token 2")].map((origin) => {
      expect(connections.refusalOf(origin)).toBeNull();
      const opened = connection();
      return { opened, leave: connections.add(opened, origin) };
    });
    expect(connections.refusalOf(from("token 3"))).toMatchObject({ status: 429, code: "RATE_LIMITED" });
    expect(connections.refusalOf(from(null))).toMatchObject({ status: 429, code: "RATE_LIMITED" });
    expect(connections.refusalOf(from("token 3", "other"))).toBeNull();
    if (first !== undefined) connections.markVerified(first.opened);
    expect(connections.refusalOf(from("token 3"))).toBeNull();
    others[0]?.leave();
    const again = [connections.add(connection(), from("token 3")), connections.add(connection(), from(null))];
    expect(connections.refusalOf(from("token 4"))).toMatchObject({ status: 429 });
    for (const leave of [...again, first?.leave, others[1]?.leave]) leave?.();
    expect(connections.refusalOf(from("token 4"))).toBeNull();
    await connections.close();
  });
});
