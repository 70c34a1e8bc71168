import { once } from "node:events";
import { connect } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { serverAudits } from "graphql-http";
import { request } from "undici";
import { eventually } from "../../support/eventually.js";
import { startStubGateway, type StubGateway } from "../../support/processes/stub-http-gateway.js";

let gateway: StubGateway;
beforeAll(async () => {
  gateway = await startStubGateway();
});
afterAll(() => gateway.close());

type Answer = { status: number; headers: Record<string, unknown>; body: unknown };
type Headers = Record<string, string>;

async function post(body: unknown, headers: Headers = {}, path = "/graphql"): Promise<Answer> {
  const answered = await request(`${gateway.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
  const { statusCode: status } = answered;
  return { status, headers: answered.headers, body: await answered.body.json() };
}

const WORLD = { data: { hello: "world" } };
const query = "{ hello }";

describe("GraphQL over HTTP", () => {
  const audits = serverAudits({ url: () => `${gateway.url}/graphql`, fetchFn: fetch });
  const demanded = audits.filter(({ name }) => /^(MUST|SHOULD)\b/.test(name));
  test.each(demanded.map((audit) => ({ ...audit })))("$id $name", async ({ fn }) => {
    expect(await fn()).toMatchObject({ status: "ok" });
  });

  test("has audits of both kinds", () => {
    expect(audits.filter(({ name }) => name.startsWith("MUST")).length).toBeGreaterThan(10);
    expect(audits.filter(({ name }) => name.startsWith("SHOULD")).length).toBeGreaterThan(10);
  });

  test.each([
    ["a syntax error", { query: "{" }],
    ["a field that the schema lacks", { query: "{ nothing }" }],
    [
      "a variable of a wrong type",
      { query: "query ($on: Boolean!) { hello @include(if: $on) }", variables: { on: 1 } },
    ],
    ["an operation that is not there", { query: "query A { hello }", operationName: "B" }],
  ])(
    "%s has status 200 as application/json, 4xx as application/graphql-response+json",
    async (_what, body) => {
      const json = await post(body, { accept: "application/json" });
      expect(json).toMatchObject({ status: 200, body: { errors: [expect.anything()] } });
      const graphql = await post(body, { accept: "application/graphql-response+json" });
      expect(graphql.status).toBe(400);
      expect(graphql.body).toEqual(json.body);
    },
  );

  test.each([
    ["no query", {}],
    ["an empty query", { query: "" }],
    ["variables that are no object", { query, variables: 1 }],
  ])("%s is malformed: status 400 as either type", async (_what, body) => {
    for (const accept of ["application/json", "application/graphql-response+json"]) {
      expect((await post(body, { accept })).status).toBe(400);
    }
  });

  test("the error for an unknown persisted query is not cached", async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } };
    const { status, headers, body } = await post({ extensions });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { errors: [{ extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } }] },
    });
    expect(headers["cache-control"]).toBe("no-store");
  });
});

test("a slash at the end of the path changes nothing", async () => {
  expect(await post({ query }, {}, "/graphql/")).toMatchObject({ status: 200, body: WORLD });
  const { statusCode, headers, body } = await request(`${gateway.url}/graphql/`, { method: "PUT" });
  await body.dump();
  expect({ statusCode, allow: headers["allow"] }).toEqual({
    statusCode: 405,
    allow: "GET, HEAD, POST, OPTIONS",
  });
});

describe("compressed bodies", () => {
  const plain = Buffer.from(JSON.stringify({ query }));
  test.each([
    ["identity", plain],
    ["gzip", gzipSync(plain)],
    ["GZIP", gzipSync(plain)],
    ["br", brotliCompressSync(plain)],
    ["deflate", deflateSync(plain)],
    ["deflate", deflateRawSync(plain)],
    ["gzip, br", brotliCompressSync(gzipSync(plain))],
  ])("%s", async (coding, body) => {
    expect(await post(body, { "content-encoding": coding })).toMatchObject({ status: 200, body: WORLD });
  });

  test.each(["gzip", "br", "deflate"])("%s that is invalid is refused", async (coding) => {
    const { status, body } = await post(plain, { "content-encoding": coding });
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: "BAD_REQUEST" } }] },
    });
  });

  test.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
    ["deflate", deflateSync],
  ] as const)("%s that inflates to more than the limit is refused", async (coding, compress) => {
    const bomb = compress(Buffer.alloc(50_000_000, " "));
    const { status, body } = await post(bomb, { "content-encoding": coding });
    expect({ status, body }).toMatchObject({
      status: 413,
      body: { errors: [{ extensions: { code: "OPERATION_TOO_COMPLEX" } }] },
    });
  });
});

describe("an array of operations", () => {
  test("is answered by an array in the same order", async () => {
    const { status, body } = await post([{ query }, { query: "{" }, { query: "{ again: hello }" }, 1]);
    expect({ status, body }).toEqual({
      status: 200,
      body: [
        WORLD,
        {
          errors: [
            expect.objectContaining({
              extensions: expect.objectContaining({ code: "GRAPHQL_PARSE_FAILED" }),
            }),
          ],
        },
        { data: { again: "world" } },
        {
          errors: [expect.objectContaining({ extensions: expect.objectContaining({ code: "BAD_REQUEST" }) })],
        },
      ],
    });
  });

  test("shares one operation context, and is one line in the log", async () => {
    const before = gateway.facts.length;
    await post([{ query: "query First { hello }" }, { query }], { "x-request-id": "batch" });
    expect(gateway.facts).toHaveLength(before + 1);
    const lines = () =>
      gateway.log.filter(({ msg, requestId }) => msg === "request" && requestId === "batch");
    await eventually(() => lines().length === 1);
    expect(lines()[0]).toMatchObject({ operationName: "First", code: null, operations: 2 });
  });

  test("holds as many as the setting allows, and at least one", async () => {
    expect((await post(Array(10).fill({ query }))).body).toHaveLength(10);
    for (const body of [[], Array(11).fill({ query })]) {
      expect(await post(body)).toMatchObject({
        status: 400,
        body: { errors: [{ extensions: { code: "BAD_REQUEST" } }] },
      });
    }
    const none = await startStubGateway({ batchMax: 0 });
    const { statusCode, body } = await request(`${none.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([{ query }]),
    });
    await body.dump();
    expect(statusCode).toBe(400);
    await none.close();
  });
});

test.each([
  ["bad JSON", "{"],
  ["bytes that are not UTF-8", Buffer.from("\xff", "latin1")],
  ["a body that is no operation", "[]"],
])("%s does not close the connection", async (_what, body) => {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  let answers = "";
  socket.on("data", (bytes) => (answers += String(bytes)));
  const send = (bytes: string | Buffer): void => {
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n`,
    );
    socket.write(bytes);
  };
  send(body);
  await eventually(() => answers.includes("HTTP/1.1 400"));
  expect(answers).toMatch(/connection: keep-alive/i);
  send(JSON.stringify({ query }));
  await eventually(() => answers.includes('"world"'));
  socket.end();
  await once(socket, "close");
});

describe("traceparent", () => {
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

  test("is in the operation's context and in the log line", async () => {
    await post({ query }, { traceparent, tracestate: "vendor=1", "x-request-id": "traced" });
    expect(gateway.facts.at(-1)?.trace).toEqual({ traceId, traceparent, tracestate: "vendor=1" });
    const line = () => gateway.log.find(({ msg, requestId }) => msg === "request" && requestId === "traced");
    await eventually(() => line() !== undefined);
    expect(line()).toMatchObject({ traceId });
  });

  test.each(["", "00-xyz", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`, `ff-${traceId}-00f067aa0ba902b7-01`])(
    "%j is left out",
    async (invalid) => {
      await post({ query }, { traceparent: invalid });
      expect(gateway.facts.at(-1)?.trace).toBeNull();
    },
  );
});

test.each([
  ["no-cache", 0],
  ["max-age=5", 5_000],
  ["max-age=0, no-store", 0],
  ["max-age=9, no-cache", 0],
  ["max-age=soon", null],
  ["no-store", null],
])("Cache-Control: %s limits the age of the data to %s ms", async (header, maxAgeMs) => {
  await post({ query }, { "cache-control": header });
  expect(gateway.facts.at(-1)?.maxAgeMs).toBe(maxAgeMs);
});

test("the client schema is served if introspection is on", async () => {
  const { statusCode, headers, body } = await request(`${gateway.url}/schema.graphql`);
  expect({ statusCode, body: await body.text() }).toEqual({
    statusCode: 200,
    body: "type Query { hello: String! }",
  });
  expect(headers["content-type"]).toBe("application/graphql; charset=utf-8");
  const hidden = await startStubGateway({ schemaSdl: null });
  const { statusCode: none, body: nothing } = await request(`${hidden.url}/schema.graphql`);
  await nothing.dump();
  expect(none).toBe(404);
  await hidden.close();
});
