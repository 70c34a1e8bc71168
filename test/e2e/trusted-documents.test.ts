import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createClient as createSseClient } from "graphql-sse";
import { createClient } from "graphql-ws";
import { request } from "undici";
import { WebSocket } from "ws";
import { runGateway } from "../support/processes/gateway-process.js";
import { startInProcessGateway, type InProcessGateway } from "../support/processes/in-process-gateway.js";
import { metricOf } from "../support/processes/load.js";

const QUERY = "query Trusted($id: ID!) { trainingJob(id: $id) { events(first: 1) { totalCount } } }";
const FOLLOW = `subscription Follow($id: ID!) { trainingJobEvents(id: $id, last: 1) { caughtUp } }`;
const OTHER = 'query Other { trainingJob(id: "events-101") { id } }';
const variables = { id: "events-101" };
/** Not SHA-256 hashes, as Relay's and GraphQL Code Generator's are not. */
const MANIFEST = { "relay-1": QUERY, "relay-2": FOLLOW };

type Body = { data?: unknown; errors?: { message: string; extensions: Record<string, unknown> }[] };

const good = { data: { trainingJob: { events: { totalCount: 101 } } } };
const refusal = {
  errors: [
    {
      message: expect.stringContaining("This gateway runs only trusted documents") as unknown,
      extensions: { code: "FORBIDDEN", retryable: false },
    },
  ],
};
const persisted = (sha256Hash: string) => ({ persistedQuery: { version: 1, sha256Hash } });
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "trusted-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function manifestFile(text: string): Promise<string> {
  const path = join(directory, `${hashOf(text)}.json`);
  await writeFile(path, text);
  return path;
}

describe.each(["on", "off"])("with FAST_PATH=%s only trusted documents run", (FAST_PATH) => {
  let gateway: InProcessGateway;

  beforeAll(async () => {
    gateway = await startInProcessGateway({
      FAST_PATH,
      TRUSTED_DOCUMENTS: await manifestFile(JSON.stringify(MANIFEST)),
    });
  });
  afterAll(() => gateway.close());

  const post = async (body: unknown, accept = "application/json"): Promise<[number, Body]> => {
    const answer = await request(gateway.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept },
      body: JSON.stringify(body),
    });
    return [answer.statusCode, (await answer.body.json()) as Body];
  };
  const get = async (search: Record<string, string>): Promise<[number, Body]> => {
    const answer = await request(`${gateway.url}?${new URLSearchParams(search).toString()}`);
    return [answer.statusCode, (await answer.body.json()) as Body];
  };
  const text = JSON.stringify(variables);

  test.each<[string, object]>([
    ["text", { query: QUERY }],
    ["text, formatted otherwise", { query: QUERY.replaceAll(" ", "\n") }],
    [
      "text and the hash of an automatic persisted query",
      { query: QUERY, extensions: persisted(hashOf(QUERY)) },
    ],
    ["hash of an automatic persisted query", { extensions: persisted("relay-1") }],
    ["SHA-256 hash, whatever the ID is", { extensions: persisted(hashOf(QUERY)) }],
    ["documentId", { documentId: "relay-1" }],
    ["documentId with a prefix", { documentId: `sha256:${hashOf(QUERY)}` }],
    ["doc_id", { doc_id: "relay-1" }],
  ])("by %s, first, again and in a batch", async (_way, body) => {
    const asked = { variables, ...body };
    for (let time = 1; time <= 3; time += 1) expect(await post(asked)).toEqual([200, good]);
    expect(await post([asked, { query: OTHER }])).toEqual([200, [good, refusal]]);
  });

  test.each<[string, Record<string, string>]>([
    ["text", { query: QUERY, variables: text }],
    ["hash", { extensions: JSON.stringify(persisted("relay-1")), variables: text }],
    ["documentId", { documentId: "relay-1", variables: text }],
    ["documentId with other extensions", { documentId: "relay-1", extensions: "{}", variables: text }],
  ])("by GET and %s", async (_way, search) => {
    expect(await get(search)).toEqual([200, good]);
  });

  test.each<[string, object]>([
    ["another text", { query: OTHER }],
    ["a text that is not GraphQL", { query: "{" }],
    ["another text with a trusted hash", { query: OTHER, extensions: persisted("relay-1") }],
    ["another text with a trusted ID", { query: OTHER, documentId: "relay-1" }],
    ["an unknown hash", { extensions: persisted(hashOf(OTHER)) }],
    ["an unknown documentId", { documentId: "other" }],
    ["introspection", { query: "{ __schema { types { name } } }" }],
    ["a router's query", { query: "{ _service { sdl } }" }],
  ])("%s is refused", async (_way, body) => {
    expect(await post(body)).toEqual([200, refusal]);
    expect(await post(body, "application/graphql-response+json")).toEqual([403, refusal]);
    // Not even by sending it with its hash first.
    expect(await post({ query: OTHER, extensions: persisted(hashOf(OTHER)) })).toEqual([200, refusal]);
    expect(await post(body)).toEqual([200, refusal]);
  });

  test("a GET is refused, too", async () => {
    expect(await get({ query: OTHER })).toEqual([200, refusal]);
    expect(await get({ documentId: "other" })).toEqual([200, refusal]);
  });

  test("so it is on a WebSocket", async () => {
    const client = createClient({ url: gateway.url.replace("http", "ws"), webSocketImpl: WebSocket });
    const first = async (query: string, more: object = {}) => {
      const results = client.iterate({ query, variables, ...more });
      for await (const result of results) return result;
      return null;
    };
    const batch = { data: { trainingJobEvents: { caughtUp: true } } };
    expect(await first(QUERY)).toEqual(good);
    expect(await first(FOLLOW)).toEqual(batch);
    expect(await first("", { extensions: persisted("relay-2") })).toEqual(batch);
    expect(await first("", { documentId: "relay-2" })).toEqual(batch);
    await expect(first(OTHER)).rejects.toEqual(refusal.errors);
    await expect(first("", { extensions: persisted("other") })).rejects.toEqual(refusal.errors);
    await client.dispose();
  });

  test("so it is on an event stream", async () => {
    const client = createSseClient({ url: `${gateway.url}/stream`, retryAttempts: 0 });
    const first = async (query: string) => {
      for await (const result of client.iterate({ query, variables })) return result;
      return null;
    };
    expect(await first(FOLLOW)).toEqual({ data: { trainingJobEvents: { caughtUp: true } } });
    expect(await first(OTHER)).toEqual(refusal);
    client.dispose();
    for (const [search, found] of [
      [`documentId=relay-2&variables=${encodeURIComponent(text)}`, '"caughtUp":true'],
      ["documentId=other", "runs only trusted documents"],
    ] as const) {
      const { body } = await request(`${gateway.url}/stream?${search}`, {
        headers: { accept: "text/event-stream" },
      });
      let read = "";
      for await (const part of body) {
        read += String(part);
        if (read.includes("\n\n") && read.includes("data:")) break;
      }
      expect(read).toContain(found);
    }
  });

  test("documents by ID use the fast path", async () => {
    const ask = () => post({ documentId: "relay-1", variables: { id: "events-100" } });
    await ask();
    const planned = () => metricOf(gateway.url, 'fast_path_answers_total{way="plan"}');
    const before = await planned();
    await ask();
    expect((await planned()) - before).toBe(FAST_PATH === "on" ? 1 : 0);
  });
});

test.each([
  ["{", "names a file that is not JSON"],
  ['{ "a": "{" }', 'the document "a" cannot be parsed'],
])("a manifest of %s ends the gateway with 78", async (manifest, problem) => {
  const TRUSTED_DOCUMENTS = await manifestFile(manifest);
  const { exitCode, stderr } = await (await runGateway({ TRUSTED_DOCUMENTS })).ended;
  expect(exitCode).toBe(78);
  expect(stderr).toMatch(/^TRUSTED_DOCUMENTS: .*\n$/);
  expect(stderr).toContain(problem);
});

test("a missing manifest ends the gateway with 78", async () => {
  const TRUSTED_DOCUMENTS = join(directory, "absent.json");
  const { exitCode, stderr } = await (await runGateway({ TRUSTED_DOCUMENTS })).ended;
  expect(exitCode).toBe(78);
  expect(stderr).toContain(
    `TRUSTED_DOCUMENTS: "${TRUSTED_DOCUMENTS}" names a file that cannot be read (ENOENT)`,
  );
});
