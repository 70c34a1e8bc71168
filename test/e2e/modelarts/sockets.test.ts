import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { subscribe, type TryMessage } from "../../../src/modelarts/channels.js";
import { type ModelArtsClient } from "../../../src/modelarts/client.js";
import { createModelArtsClient } from "../../../src/modelarts/create-client.js";
import { callContext, eventsRequest } from "../../support/processes/modelarts-calls.js";
import {
  hang,
  json,
  reset,
  type ScriptedUpstream,
  startScriptedUpstream,
} from "../../support/virtual/scripted-upstream.js";
import { eventually } from "../../support/eventually.js";
import { stopClock } from "../../support/virtual/stopped-clock.js";

const good = json(200, { total: 0 });

let upstream: ScriptedUpstream;
let clients: ModelArtsClient[] = [];
let tries: TryMessage[] = [];
let stop = (): void => undefined;

beforeEach(async () => {
  upstream = await startScriptedUpstream();
  tries = [];
  stop = subscribe("gateway:modelarts:try", (message) => tries.push(message));
});

afterEach(async () => {
  jest.useRealTimers();
  stop();
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
  await upstream.close();
});

function client(endpoint = upstream.endpoint, tryTimeoutMs = 10_000): ModelArtsClient {
  const made = createModelArtsClient({ endpoint, connections: 1, tryTimeoutMs, retries: 0 });
  clients.push(made);
  return made;
}

describe("a keep-alive socket that the upstream closes when the next request is sent", () => {
  test("costs a fresh socket and no retry, and is not counted as a failure", async () => {
    const made = client();
    await made.listEvents(eventsRequest(), callContext());
    upstream.script(reset, good);
    expect(await made.listEvents(eventsRequest(), callContext())).toEqual({ total: 0, events: [] });
    expect(upstream.requests).toHaveLength(3);
    expect(upstream.sockets().accepted).toBe(2);
    expect(tries.map(({ attempt, code }) => ({ attempt, code }))).toEqual([
      { attempt: 1, code: null },
      { attempt: 1, code: null },
    ]);
  });

  test("is replaced once: a fresh socket that is reset too is a failure", async () => {
    const made = client();
    await made.listEvents(eventsRequest(), callContext());
    upstream.script(reset);
    await expect(made.listEvents(eventsRequest(), callContext())).rejects.toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
    });
    expect(upstream.requests).toHaveLength(3);
    expect(tries.at(-1)).toMatchObject({ fault: "ECONNRESET", reason: "reset" });
  });

  test("is not replaced if the try reached its time limit", async () => {
    stopClock();
    const made = client(upstream.endpoint, 50);
    await made.listEvents(eventsRequest(), callContext());
    upstream.script(hang);
    const call = expect(made.listEvents(eventsRequest(), callContext())).rejects.toMatchObject({
      code: "UPSTREAM_TIMEOUT",
    });
    await eventually(() => upstream.requests.length === 2);
    jest.advanceTimersByTime(50);
    await call;
    expect(upstream.requests).toHaveLength(2);
    expect(tries.at(-1)).toMatchObject({ fault: "TRY_TIMEOUT", reason: "timeout" });
  });
});

describe("the reason of a connection that fails", () => {
  test("is connect_timeout when TLS is not set up in time", async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const call = client(`https://127.0.0.1:${port}`, 50).listEvents(eventsRequest(), callContext());
    await expect(call).rejects.toMatchObject({ code: "UPSTREAM_TIMEOUT" });
    expect(tries).toMatchObject([{ fault: "CONNECT_TIMEOUT", reason: "connect_timeout" }]);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  test.each([
    ["refused", "http://127.0.0.1:1"],
    ["dns", "http://no-such-host.invalid"],
  ])("is %s for %s", async (reason, endpoint) => {
    await expect(client(endpoint).listEvents(eventsRequest(), callContext())).rejects.toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
    });
    expect(tries).toMatchObject([{ reason }]);
  });

  test("is tls when the server does not speak TLS", async () => {
    const call = client(upstream.endpoint.replace("http:", "https:"));
    await expect(call.listEvents(eventsRequest(), callContext())).rejects.toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
    });
    expect(tries).toMatchObject([{ reason: "tls" }]);
  });
});
