import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { startStubGateway, type StubGateway } from "../../../support/processes/stub-http-gateway.js";

let gateway: StubGateway;
beforeAll(async () => {
  gateway = await startStubGateway();
});
afterAll(() => gateway.close());

async function get(query: string, headers: Record<string, string> = {}, method: "GET" | "HEAD" = "GET") {
  const url = `${gateway.url}/graphql?${new URLSearchParams({ query }).toString()}`;
  const answer = await request(url, { method, headers });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

test("an answer to GET may be cached by the client only, for whole seconds", async () => {
  const { headers } = await get("{ hello }");
  // The gateway's answers live 90.5 s.
  expect(headers["cache-control"]).toBe("private, max-age=90");
  expect(headers["etag"]).toMatch(/^W\/"[\w-]+"$/);
});

test("its Vary names all headers that it depends on", async () => {
  const names = String((await get("{ hello }")).headers["vary"])
    .toLowerCase()
    .split(", ");
  expect(names.sort()).toEqual([
    "accept",
    "accept-encoding",
    "accept-language",
    "apollo-federation-include-trace",
    "origin",
    "x-auth-token",
    "x-cache-debug",
    "x-language",
  ]);
});

describe("If-None-Match", () => {
  const tagOf = async (query = "{ hello }") => String((await get(query)).headers["etag"]);

  test("with the answer's tag gets 304 with all headers that a cache renews", async () => {
    const known = await get("{ hello }");
    const again = await get("{ hello }", { "if-none-match": String(known.headers["etag"]) });
    expect(again).toMatchObject({ status: 304, text: "" });
    for (const name of ["etag", "cache-control", "vary", "x-content-type-options"]) {
      expect(again.headers[name]).toBe(known.headers[name]);
    }
    expect(again.headers["content-type"]).toBeUndefined();
    expect(again.headers["x-request-id"]).toBeDefined();
  });

  test.each([
    ["strong", (tag: string) => tag.replace("W/", "")],
    ["one of several", (tag: string) => `"a,b", ${tag}, W/"c"`],
    ["any", () => "*"],
  ])("%s matches", async (_name, write) => {
    expect((await get("{ hello }", { "if-none-match": write(await tagOf()) })).status).toBe(304);
  });

  test("with another tag gets the answer", async () => {
    const other = await tagOf("{ a: hello }");
    expect(await get("{ hello }", { "if-none-match": other })).toMatchObject({
      status: 200,
      text: '{"data":{"hello":"world"}}\n',
    });
  });

  test("the tag is the same for all codings, and for HEAD", async () => {
    const query = `{ ${Array.from({ length: 100 }, (_, n) => `a${n}: hello`).join(" ")} }`;
    const headers = { "if-none-match": await tagOf(query), "accept-encoding": "gzip" };
    expect((await get(query, { "accept-encoding": "gzip" })).headers["etag"]).toBe(headers["if-none-match"]);
    const kept = await get(query, headers);
    expect(kept).toMatchObject({ status: 304, text: "" });
    expect(kept.headers["content-encoding"]).toBeUndefined();
    const head = await get(query, headers, "HEAD");
    expect(head.status).toBe(304);
    // A length would have to be that of the answer with status 200.
    expect(head.headers["content-length"]).toBeUndefined();
  });

  test("is ignored for an error", async () => {
    expect((await get("{ broken }", { "if-none-match": "*" })).status).toBe(200);
  });
});

test.each(["{ broken hello }", "{ nothing }", "mutation { change }"])("%s is not cached", async (query) => {
  const { headers } = await get(query);
  expect(headers["cache-control"]).toBe("no-store");
  expect(headers["etag"]).toBeUndefined();
});

test("an answer to POST is not cached", async () => {
  const headers = { "content-type": "application/json", "if-none-match": "*" };
  const answer = await request(`${gateway.url}/graphql`, {
    method: "POST",
    headers,
    body: '{"query":"{ hello }"}',
  });
  await answer.body.dump();
  expect(answer.statusCode).toBe(200);
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(answer.headers["etag"]).toBeUndefined();
});
