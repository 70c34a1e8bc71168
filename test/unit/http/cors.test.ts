import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { startStubGateway, type StubGateway } from "../../support/processes/stub-http-gateway.js";

let development: StubGateway;
let production: StubGateway;
beforeAll(async () => {
  development = await startStubGateway();
  production = await startStubGateway({ corsOrigins: { listed: [], loopback: false }, explorer: null });
});
afterAll(() => Promise.all([development.close(), production.close()]));

async function ask(
  gateway: StubGateway,
  method: "GET" | "POST" | "OPTIONS",
  path: string,
  headers: Record<string, string>,
) {
  const body = method === "POST" ? '{"query":"{ hello }"}' : null;
  const answered = await request(`${gateway.url}${path}`, { method, headers, body });
  return { status: answered.statusCode, headers: answered.headers, text: await answered.body.text() };
}

const JSON_TYPE = { "content-type": "application/json" };
const QUERY = "/graphql?query=%7Bhello%7D";

describe("an allowed page", () => {
  const origin = "https://studio.apollographql.com";

  test("may read answers and the request's ID", async () => {
    const { headers } = await ask(development, "POST", "/graphql", { ...JSON_TYPE, origin });
    expect(headers["access-control-allow-origin"]).toBe(origin);
    expect(headers["access-control-expose-headers"]).toBe(
      "x-request-id, retry-after, ratelimit, ratelimit-policy, server-timing",
    );
    expect(headers["vary"]).toMatch(/origin/i);
  });

  test("may read refusals, too", async () => {
    const { headers, status } = await ask(development, "POST", "/graphql", {
      "content-type": "text/plain",
      origin,
    });
    expect(status).toBe(415);
    expect(headers["access-control-allow-origin"]).toBe(origin);
  });

  test("gets its preflight", async () => {
    const { headers, status } = await ask(development, "OPTIONS", "/graphql", {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,x-auth-token,x-of-a-tracer",
    });
    expect(status).toBe(204);
    expect(headers["access-control-allow-origin"]).toBe(origin);
    expect(headers["access-control-allow-methods"]).toBe("GET, HEAD, POST");
    for (const name of [
      "content-type",
      "x-auth-token",
      "x-request-id",
      "x-language",
      "apollo-require-preflight",
      "baggage",
      "traceparent",
      "tracestate",
      "sentry-trace",
      "apollographql-client-name",
      "x-of-a-tracer",
    ]) {
      expect(headers["access-control-allow-headers"]).toContain(name);
    }
  });

  test("may send OPTIONS that is not a preflight", async () => {
    expect(await ask(development, "OPTIONS", "/graphql", { origin })).toMatchObject({
      status: 204,
      text: "",
    });
  });

  test("may query by GET", async () => {
    const answer = await ask(development, "GET", QUERY, { origin, "sec-fetch-site": "cross-site" });
    expect(answer.status).toBe(200);
  });
});

describe("a foreign page", () => {
  const origin = "https://evil.example";

  test.each([
    ["OPTIONS", "/graphql"],
    ["POST", "/graphql"],
    ["GET", "/healthz"],
  ] as const)("is not allowed %s %s", async (method, path) => {
    const { headers } = await ask(development, method, path, { ...JSON_TYPE, origin });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });

  test.each([{ origin }, { "sec-fetch-site": "cross-site" }, { origin: "null" }])(
    "may not query by GET: %j",
    async (headers) => {
      const ran = development.facts.length;
      const { status, text } = await ask(development, "GET", QUERY, headers);
      expect(status).toBe(403);
      expect(JSON.parse(text)).toMatchObject({
        errors: [{ extensions: { code: "FORBIDDEN", retryable: false } }],
      });
      expect(development.facts).toHaveLength(ran);
    },
  );
});

test("GET needs no header that a plain client would not send", async () => {
  expect((await ask(development, "GET", QUERY, {})).status).toBe(200);
});

test("the gateway's own pages may query by GET", async () => {
  const headers = { origin: development.url, "sec-fetch-site": "same-origin" };
  expect((await ask(development, "GET", QUERY, headers)).status).toBe(200);
});

test.each(["text/html", "application/json"])(
  "an answer to %s at the graph's path says what it varies by",
  async (accept) => {
    const origin = "http://localhost:3000";
    const { headers } = await ask(development, "GET", accept === "text/html" ? "/graphql" : QUERY, {
      accept,
      origin,
    });
    expect(String(headers["vary"]).toLowerCase().split(", ")).toEqual(
      expect.arrayContaining(["accept", "accept-encoding", "origin"]),
    );
  },
);

test("in production no page of another origin may send requests", async () => {
  const origin = "http://localhost:3000";
  const preflight = { origin, "access-control-request-method": "POST" };
  const { headers, status } = await ask(production, "OPTIONS", "/graphql", preflight);
  expect(status).toBe(204);
  expect(headers["access-control-allow-origin"]).toBeUndefined();
  expect((await ask(production, "GET", QUERY, { origin })).status).toBe(403);
});
