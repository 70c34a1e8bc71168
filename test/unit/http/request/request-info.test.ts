import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { GatewayError } from "../../../../src/errors.js";
import { startStubGateway, type StubGateway } from "../../../support/processes/stub-http-gateway.js";
import { eventually } from "../../../support/eventually.js";

let gateway: StubGateway;
beforeEach(async () => {
  gateway = await startStubGateway({ requestTimeoutMs: 60_000 });
});
afterEach(() => gateway.close());

async function post(query: string, headers: Record<string, string> = {}) {
  const body = JSON.stringify({ query });
  const answered = await request(`${gateway.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return {
    status: answered.statusCode,
    requestId: String(answered.headers["x-request-id"]),
    body: (await answered.body.json()) as {
      data?: unknown;
      errors?: { extensions: Record<string, unknown> }[];
    },
  };
}

const lines = (): Record<string, unknown>[] => gateway.log.filter(({ msg }) => msg === "request");

describe("the request's ID", () => {
  test("is the caller's in the answer, in the context and in the log", async () => {
    expect((await post("{ hello }", { "x-request-id": "mine-1" })).requestId).toBe("mine-1");
    expect(gateway.facts[0]?.requestId).toBe("mine-1");
    await eventually(() => lines().length === 1);
    expect(gateway.log.map(({ requestId }) => requestId)).toEqual(["mine-1"]);
  });

  test("is a new one if the caller's is not valid", async () => {
    const { requestId } = await post("{ hello }", { "x-request-id": "<script>" });
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(gateway.facts[0]?.requestId).toBe(requestId);
  });
});

describe("X-Auth-Token", () => {
  test("reaches the context and no log line", async () => {
    await post("{ hello broken }", { "x-auth-token": "MIIsecret+/=", authorization: "Bearer MIIsecret" });
    expect(gateway.facts[0]?.authToken).toBe("MIIsecret+/=");
    await eventually(() => lines().length === 1);
    expect(JSON.stringify(gateway.log)).not.toContain("MIIsecret");
  });

  test("is null if it is absent or empty", async () => {
    await post("{ hello }");
    await post("{ hello }", { "x-auth-token": "" });
    expect(gateway.facts.map(({ authToken }) => authToken)).toEqual([null, null]);
  });

  test("can be 32 KiB long", async () => {
    const token = "x".repeat(32_768);
    expect((await post("{ hello }", { "x-auth-token": token })).status).toBe(200);
    expect(gateway.facts[0]?.authToken).toBe(token);
  });

  test.each(["x".repeat(32_769), "two words", "umläut", "one, two"])(
    "%# is an error if a token is needed",
    async (token) => {
      expect((await post("{ hello }", { "x-auth-token": token })).status).toBe(200);
      expect(gateway.facts[0]?.authToken).toMatchObject({ code: "UNAUTHENTICATED" });
    },
  );
});

test("the language comes from the headers", async () => {
  await post("{ hello }", { "x-language": "zh-cn", "accept-language": "en" });
  await post("{ hello }", { "accept-language": "en-GB,en;q=0.5" });
  expect(gateway.facts.map(({ language }) => language)).toEqual(["zh-cn", "en-us"]);
});

describe("the signal", () => {
  test("aborts when the client goes away, which is logged as 499", async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    const body = '{"query":"{ slow }"}';
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await eventually(() => gateway.facts.length === 1);
    expect(gateway.facts[0]?.deadline.signal.aborted).toBe(false);
    socket.destroy();
    await eventually(() => gateway.facts[0]?.deadline.signal.aborted === true);
    expect(gateway.facts[0]?.deadline.signal.reason).toBeInstanceOf(GatewayError);
    await eventually(() => lines().length === 1);
    expect(lines()[0]).toMatchObject({ status: 499, route: "/graphql" });
  });

  test("does not abort after an answer", async () => {
    await post("{ hello }");
    await eventually(() => lines().length === 1);
    expect(gateway.facts[0]?.deadline.signal.aborted).toBe(false);
  });
});

test("the deadline ends an operation", async () => {
  const short = await startStubGateway({ requestTimeoutMs: 20 });
  const query = encodeURIComponent("{ slow }");
  const answered = await request(`${short.url}/graphql?query=${query}`);
  expect(await answered.body.json()).toMatchObject({ data: { slow: null }, errors: [{ path: ["slow"] }] });
  expect(short.facts[0]?.deadline.signal.reason).toMatchObject({ code: "UPSTREAM_TIMEOUT" });
  await short.close();
});
