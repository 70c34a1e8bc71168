import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { codingOf } from "../../../../src/http/response/compression.js";
import { decoded } from "../../../support/decoded.js";
import { startStubGateway, type StubGateway } from "../../../support/processes/stub-http-gateway.js";

describe("Accept-Encoding", () => {
  test.each([
    [undefined, null],
    ["", null],
    ["gzip", "gzip"],
    ["GZIP", "gzip"],
    ["br", "br"],
    ["gzip, deflate, br, zstd", "br"],
    ["br;q=0.5, gzip", "gzip"],
    ["br;q=0, gzip", "gzip"],
    ["br;q=0, gzip;q=0", null],
    ["deflate, zstd", null],
    ["*", "br"],
    ["*;q=0", null],
    ["gzip, *;q=0", "gzip"],
    ["br;q=0, *", "gzip"],
    ["identity", null],
    ["identity, gzip", "gzip"],
    ["identity, gzip;q=0.9", null],
    ["identity;q=0.5, gzip;q=0.9", "gzip"],
    ["identity;q=0", null],
    ["gzip;q=much", null],
  ])("%j is answered by %j", (header, name) => {
    expect(codingOf(header).name).toBe(name);
  });
});

let gateway: StubGateway;
beforeAll(async () => {
  gateway = await startStubGateway();
});
afterAll(() => gateway.close());

/** An operation whose answer has about this many bytes. */
const operation = (bytes: number): string =>
  `{ ${Array.from({ length: Math.ceil(bytes / 17) }, (_, n) => `a${1000 + n}: hello`).join(" ")} }`;

async function ask(method: "GET" | "HEAD" | "POST", query: string, headers: Record<string, string> = {}) {
  const isPost = method === "POST";
  const url = isPost
    ? `${gateway.url}/graphql`
    : `${gateway.url}/graphql?${new URLSearchParams({ query }).toString()}`;
  const answer = await request(url, {
    method,
    headers: { ...(isPost ? { "content-type": "application/json" } : {}), ...headers },
    body: isPost ? JSON.stringify({ query }) : null,
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    bytes: Buffer.from(await answer.body.arrayBuffer()),
  };
}

describe.each(["GET", "POST"] as const)("%s", (method) => {
  test.each(["gzip", "br"])(
    "a large answer is compressed with %s for clients that accept it",
    async (coding) => {
      const plain = await ask(method, operation(3_000));
      const answer = await ask(method, operation(3_000), { "accept-encoding": coding });
      expect(plain.headers["content-encoding"]).toBeUndefined();
      expect(answer.headers["content-encoding"]).toBe(coding);
      expect(answer.headers["content-length"]).toBe(String(answer.bytes.length));
      expect(answer.bytes.length).toBeLessThan(plain.bytes.length / 3);
      expect(decoded(answer.headers, answer.bytes)).toBe(plain.bytes.toString());
      for (const { headers } of [plain, answer]) expect(headers["vary"]).toContain("Accept-Encoding");
    },
  );

  test("a small answer is compressed only for clients that accept nothing else", async () => {
    const small = await ask(method, "{ hello }", { "accept-encoding": "gzip" });
    expect(small.headers["content-encoding"]).toBeUndefined();
    const forced = await ask(method, "{ hello }", { "accept-encoding": "gzip, identity;q=0" });
    expect(forced.headers["content-encoding"]).toBe("gzip");
    expect(decoded(forced.headers, forced.bytes)).toBe(small.bytes.toString());
  });
});

test("HEAD has the headers of the compressed answer, and no body", async () => {
  const got = await ask("GET", operation(3_000), { "accept-encoding": "gzip" });
  const head = await ask("HEAD", operation(3_000), { "accept-encoding": "gzip" });
  for (const name of ["content-encoding", "content-length", "content-type", "vary"]) {
    expect(head.headers[name]).toBe(got.headers[name]);
  }
  expect(head.bytes).toHaveLength(0);
});

test.each(["/", "/metrics"])("%s is compressed, too", async (path) => {
  const answer = await request(`${gateway.url}${path}`, { headers: { "accept-encoding": "br" } });
  expect(answer.headers["content-encoding"]).toBe("br");
  const text = decoded(answer.headers, Buffer.from(await answer.body.arrayBuffer()));
  expect(text).toMatch(path === "/" ? /<\/html>/ : /^# HELP/m);
});
