import { createHash } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { eventually } from "../../../support/eventually.js";
import { startStubGateway, type StubGateway } from "../../../support/processes/stub-http-gateway.js";

let gateway: StubGateway;
beforeAll(async () => {
  gateway = await startStubGateway();
});
afterAll(() => gateway.close());

type Answer = {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  body: Record<string, unknown> | null;
};

async function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body: string | Buffer | null = null,
): Promise<Answer> {
  const answered = await request(`${gateway.url}${path}`, { method: method as "GET", headers, body });
  const read = await answered.body.text();
  return {
    status: answered.statusCode,
    headers: answered.headers,
    text: read,
    body: read === "" || read.startsWith(":") ? null : (JSON.parse(read) as Record<string, unknown>),
  };
}

const JSON_TYPE = { "content-type": "application/json" };
const post = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask("POST", "/graphql", { ...JSON_TYPE, ...headers }, JSON.stringify(body));
const get = (parameters: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> =>
  ask("GET", `/graphql?${new URLSearchParams(parameters).toString()}`, headers);

const metricsText = async (): Promise<string> => (await request(`${gateway.url}/metrics`)).body.text();

/** The problems of an error answer; none if it has GraphQL's form, this code, and a request ID. */
function expectError(answer: Answer, status: number, code: string): void {
  expect(answer.body).toEqual({
    errors: [
      expect.objectContaining({ message: expect.any(String), extensions: expect.objectContaining({ code }) }),
    ],
  });
  expect(answer.status).toBe(status);
  expect(answer.headers["x-request-id"]).toMatch(/^[\w.-]+$/);
  expect(answer.headers["content-type"]).toMatch(/^application\/json/);
}

describe("POST", () => {
  test("answers a query", async () => {
    const answer = await post({ query: "{ hello }" });
    expect(answer).toMatchObject({ status: 200, body: { data: { hello: "world" } } });
    expect(answer.headers["cache-control"]).toBe("no-store");
  });

  test("accepts a content type with a charset", async () => {
    const type = { "content-type": "application/json; charset=utf-8" };
    expect(await ask("POST", "/graphql", type, '{"query":"{ hello }"}')).toMatchObject({ status: 200 });
  });

  test.each([
    ["text/plain", '{"query":"{ hello }"}'],
    ["application/x-www-form-urlencoded", "query=%7Bhello%7D"],
    ["application/graphql", "{ hello }"],
    ["multipart/form-data; boundary=x", "--x--"],
  ])("refuses %s", async (type, body) => {
    expectError(await ask("POST", "/graphql", { "content-type": type }, body), 415, "BAD_REQUEST");
  });

  test("refuses a body without a type, and a request with neither", async () => {
    expectError(await ask("POST", "/graphql", {}, '{"query":"{ hello }"}'), 415, "BAD_REQUEST");
    expectError(await ask("POST", "/graphql"), 415, "BAD_REQUEST");
  });

  test.each([
    ["a body in an unknown coding", { ...JSON_TYPE, "content-encoding": "compress" }],
    ["a body in more than two codings", { ...JSON_TYPE, "content-encoding": "gzip, gzip, gzip" }],
    ["another charset", { "content-type": "application/json; charset=iso-8859-1" }],
    ["another charset in quotes", { "content-type": 'application/json;Charset="UTF-16"' }],
    ["another type", { "content-type": "text/plain" }],
  ])("refuses %s, and says what is allowed", async (_what, headers) => {
    const answer = await ask("POST", "/graphql", headers, '{"query":"{ hello }"}');
    expectError(answer, 415, "BAD_REQUEST");
    expect(JSON.stringify(answer.body)).toContain("application/json in UTF-8");
  });

  test("refuses a body that is not UTF-8", async () => {
    const body = Buffer.from('{"query":"{ hello }","operationName":"\xff"}', "latin1");
    expectError(await ask("POST", "/graphql", JSON_TYPE, body), 400, "BAD_REQUEST");
  });

  test.each(['application/json; charset="utf-8"', "application/json;charset=UTF8"])(
    "takes %s",
    async (type) => {
      const answer = await ask("POST", "/graphql", { "content-type": type }, '{"query":"{ hello }"}');
      expect(answer.status).toBe(200);
    },
  );

  test("ignores a byte order mark", async () => {
    expect((await ask("POST", "/graphql", JSON_TYPE, '\ufeff{"query":"{ hello }"}')).status).toBe(200);
  });

  test.each(["", "{", "null", '"text"', "[]", "{}", '{"query":1}', '{"variables":{}}'])(
    "refuses the body %j",
    async (body) => {
      expectError(await ask("POST", "/graphql", JSON_TYPE, body), 400, "BAD_REQUEST");
    },
  );

  test("refuses a body over 256 KiB and accepts one just under it", async () => {
    const query = "{ hello }";
    const frame = JSON.stringify({ query: "" }).length;
    const exact = query.padEnd(262_144 - frame, " ");
    expect(await post({ query: exact })).toMatchObject({ status: 200 });
    expectError(await post({ query: `${exact} ` }), 413, "OPERATION_TOO_COMPLEX");
  });

  test("answers a document that does not parse or does not fit the schema with 200", async () => {
    expectError(await post({ query: "{" }), 200, "GRAPHQL_PARSE_FAILED");
    expectError(await post({ query: "{ nothing }" }), 200, "GRAPHQL_VALIDATION_FAILED");
  });
});

describe("a request at the graph's own path that accepts an event stream", () => {
  const STREAM = "text/event-stream";
  const STREAMS = [
    STREAM,
    `${STREAM}, multipart/mixed`,
    `application/json;q=0.9, ${STREAM}`,
    `${STREAM}, */*;q=0.1`,
  ];
  const JSONS = [
    `${STREAM}, application/json`,
    `application/graphql-response+json, application/json, ${STREAM}, multipart/mixed`,
    `${STREAM};q=0.5, application/json`,
    `${STREAM}, */*`,
  ];

  test.each(STREAMS.flatMap((accept) => [["POST", accept] as const, ["GET", accept] as const]))(
    "is answered by an event stream if it prefers one: %s %s",
    async (method, accept) => {
      const answer = await (method === "POST" ? post : get)({ query: "{ hello }" }, { accept });
      expect(answer).toMatchObject({
        status: 200,
        headers: { "content-type": "text/event-stream; charset=utf-8" },
      });
      expect(answer.text).toBe(
        ':\n\nevent: next\ndata: {"data":{"hello":"world"}}\n\nid: end\nevent: complete\ndata:\n\n',
      );
    },
  );

  test.each(["TEXT/EVENT-STREAM", "Text/Event-Stream, application/json;q=0.5"])(
    "is answered by one whatever the case of its type: %s",
    async (accept) => {
      expect(await post({ query: "{ hello }" }, { accept })).toMatchObject({
        headers: { "content-type": "text/event-stream; charset=utf-8" },
      });
    },
  );

  test.each([
    ["text/*", 200],
    ["*/*", 200],
    ["application/json, */*;q=0.1", 200],
    ["TEXT/EVENT-STREAM;q=0.1", 200],
    ["text/event-stream;q=0, */*", 406],
    ["text/html, application/json", 406],
  ])("at the path of streams, Accept: %s gets %i", async (accept, status) => {
    const answer = await ask("GET", "/graphql/stream?query={hello}", { accept });
    expect(answer.status).toBe(status);
  });

  test("can have the hash of an automatic persisted query instead of a text", async () => {
    const query = "query ByHash { hello }";
    const sha256Hash = createHash("sha256").update(query).digest("hex");
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const accept = { accept: STREAM };
    expect((await post({ extensions }, accept)).text).toContain('"code":"PERSISTED_QUERY_NOT_FOUND"');
    for (const named of [{ query, extensions }, { extensions }]) {
      expect((await post(named, accept)).text).toContain('{"data":{"hello":"world"}}');
    }
    const found = await get({ extensions: JSON.stringify(extensions) }, accept);
    expect(found.text).toContain('{"data":{"hello":"world"}}');
  });

  test.each(JSONS)("is answered with JSON if that is accepted as well: %s", async (accept) => {
    const answer = await post({ query: "{ hello }" }, { accept });
    expect(answer).toMatchObject({ status: 200, body: { data: { hello: "world" } } });
  });

  test("is refused if it accepts no available type", async () => {
    expectError(await post({ query: "{ hello }" }, { accept: "image/png" }), 406, "BAD_REQUEST");
  });
});

describe("GET", () => {
  test("answers a query with variables as JSON text", async () => {
    const query = "query Q($on: Boolean!) { hello @include(if: $on) }";
    expect(await get({ query, variables: '{"on":true}' })).toMatchObject({
      status: 200,
      body: { data: { hello: "world" } },
    });
    expectError(await get({ query, variables: "{" }), 400, "BAD_REQUEST");
  });

  test.each(["", "text/event-stream"])("takes an empty operation name for none: %j", async (accept) => {
    const headers = accept === "" ? {} : { accept };
    const empty = await get({ operationName: "", query: "query A { hello }" }, headers);
    const last = await get({ query: "query A { hello }", operationName: "" }, headers);
    expect(empty.text).toContain('{"data":{"hello":"world"}}');
    expect(last.text).toBe(empty.text);
    const other = await get({ query: "query A { hello }", operationName: "B" }, headers);
    expect(other.text).toContain('Unknown operation named \\"B\\".');
  });

  test("refuses a mutation with 405", async () => {
    const answer = await get({ query: "mutation { change }" });
    expectError(answer, 405, "BAD_REQUEST");
    expect(answer.headers["allow"]).toBe("POST");
  });

  test("without a query is a mistake of the client", async () => {
    expectError(await ask("GET", "/graphql"), 400, "BAD_REQUEST");
  });

  test("HEAD is answered as GET, without the body", async () => {
    const answer = await ask("HEAD", "/graphql?query={hello}");
    expect(answer).toMatchObject({ status: 200, body: null });
    expect(answer.headers["content-type"]).toMatch(/^application\/json/);
  });
});

describe("other methods and paths", () => {
  test.each([
    ["PUT", "/graphql", null, 405],
    ["PUT", "/graphql", "{", 405],
    ["DELETE", "/healthz", "{", 405],
    ["POST", "/nothing", null, 404],
    ["POST", "/nothing", "{", 404],
  ])("%s %s with the body %j is refused for its method or path, not for its body", async (...given) => {
    const [method, path, body, status] = given;
    expectError(await ask(method, path, JSON_TYPE, body), status, "BAD_REQUEST");
  });

  test("a body that is not read does not disturb the next request of the connection", async () => {
    const body = "x".repeat(100_000);
    const { head, body: answers } = await sendBytes(
      `PUT /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}` +
        `GET /graphql?query={hello} HTTP/1.1\r\nhost: x\r\n\r\n`,
    );
    expect(head).toMatch(/^HTTP\/1\.1 405/);
    expect(answers).toMatch(/HTTP\/1\.1 200/);
  });

  test.each(["PUT", "DELETE", "PATCH", "QUERY", "PROPFIND"])("%s is 405", async (method) => {
    const answer = await ask(method, "/graphql", JSON_TYPE, "{}");
    expectError(answer, 405, "BAD_REQUEST");
    expect(answer.headers["allow"]).toBe("GET, HEAD, POST, OPTIONS");
  });

  test("OPTIONS without an origin lists the allowed methods", async () => {
    for (const headers of [{}, JSON_TYPE]) {
      const answer = await ask("OPTIONS", "/graphql", headers);
      expect(answer).toMatchObject({ status: 204, body: null });
      expect(answer.headers["allow"]).toBe("GET, HEAD, POST, OPTIONS");
    }
  });

  test("an unknown path gets 404, a path that is not a URL 400", async () => {
    expectError(await ask("GET", "/nothing?x=1"), 404, "BAD_REQUEST");
    expectError(await ask("GET", "/%"), 400, "BAD_REQUEST");
  });

  test("a path that is not a URL gets an ordinary error and a log line", async () => {
    const { headers } = await ask("GET", "/%zz", { "x-request-id": "odd-path" });
    expect(headers).toMatchObject({
      "x-request-id": "odd-path",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    await eventually(() => gateway.log.some(({ requestId }) => requestId === "odd-path"));
    expect(gateway.log.find(({ requestId }) => requestId === "odd-path")).toMatchObject({
      msg: "request",
      route: "unmatched",
      status: 400,
    });
  });

  test("a probe takes GET only", async () => {
    const answer = await ask("POST", "/healthz", JSON_TYPE, "{}");
    expectError(answer, 405, "BAD_REQUEST");
    expect(answer.headers["allow"]).toBe("GET, HEAD, OPTIONS");
  });
});

/** Sends these bytes and nothing more. */
async function sendBytes(bytes: string): Promise<{ head: string; body: string }> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  socket.end(bytes);
  const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
  return { head, body };
}

test("a request of HTTP/1.1 without a host is answered in GraphQL's shape", async () => {
  const { head, body } = await sendBytes(
    "GET /graphql HTTP/1.1\r\nconnection: close\r\nx-request-id: mine\r\n\r\n",
  );
  expect(head).toMatch(/^HTTP\/1\.1 400 /);
  expect(head).toMatch(/x-request-id: mine/);
  expect(JSON.parse(body)).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
});

test("a request of HTTP/1.0 needs no host", async () => {
  expect((await sendBytes("GET /healthz HTTP/1.0\r\n\r\n")).head).toMatch(/^HTTP\/1\.1 200 /);
});

test.each([
  ["no HTTP", "nonsense\r\n\r\n", /^HTTP\/1\.1 400 /, "BAD_REQUEST"],
  [
    "headers that are too large",
    `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(70_000)}\r\n\r\n`,
    /^HTTP\/1\.1 431 /,
    "OPERATION_TOO_COMPLEX",
  ],
])("%s is answered in GraphQL's shape, logged and counted", async (_name, bytes, status, code) => {
  const { head, body } = await sendBytes(bytes);
  expect(head).toMatch(status);
  expect(head).toContain("x-content-type-options: nosniff");
  const requestId = /x-request-id: ([\w-]{36})/.exec(head)?.[1];
  const line = gateway.log.find((logged) => logged["requestId"] === requestId);
  const loggedStatus = Number(head.slice(9, 12));
  expect(line).toMatchObject({ msg: "request", route: "unmatched", status: loggedStatus, code });
  expect(await metricsText()).toContain(
    `http_request_duration_seconds_count{route="unmatched",status="${loggedStatus}"}`,
  );
  expect(JSON.parse(body)).toEqual({
    errors: [{ message: expect.any(String), extensions: { code, retryable: false } }],
  });
});
