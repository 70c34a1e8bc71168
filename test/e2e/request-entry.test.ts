import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { eventually } from "../support/eventually.js";
import { startInProcessGateway, type InProcessGateway } from "../support/processes/in-process-gateway.js";
import { metricOf } from "../support/processes/load.js";
import {
  hang,
  json,
  type ScriptedUpstream,
  startScriptedUpstream,
} from "../support/virtual/scripted-upstream.js";

const QUERY = "query Known($id: ID!) { trainingJob(id: $id) { events(first: 1) { totalCount } } }";
const SLOW_MS = 3_000;

type Body = { data?: unknown; errors?: { extensions: Record<string, unknown> }[] };

// The same tests for both ways to an answer: the fast path, and Fastify with Apollo Server.
describe.each(["on", "off"])("with FAST_PATH=%s", (FAST_PATH) => {
  let upstream: ScriptedUpstream;
  let gateway: InProcessGateway;
  const good = json(200, { total: 0, events: [] });

  /** Requests the number of a job's events. The cache does not know the job, but the fast path knows the operation. */
  const ask = async (id: string, signal?: AbortSignal): Promise<Body> => {
    const answer = await request(gateway.url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-request-id": id },
      body: JSON.stringify({ query: QUERY, variables: { id } }),
      ...(signal && { signal }),
    });
    return (await answer.body.json()) as Body;
  };
  const lineOf = (id: string) =>
    gateway.log.find(({ msg, requestId }) => msg === "request" && requestId === id);
  const seconds = (status: number) =>
    metricOf(gateway.url, `http_request_duration_seconds_sum{route="/graphql",status="${status}"}`);
  const outcome = (name: string) => metricOf(gateway.url, `graphql_operations_total{outcome="${name}"}`);
  const planned = () => metricOf(gateway.url, 'fast_path_answers_total{way="plan"}');

  beforeEach(async () => {
    upstream = await startScriptedUpstream();
    gateway = await startInProcessGateway({
      FAST_PATH,
      MODELARTS_ENDPOINT: upstream.endpoint,
      MODELARTS_AUTH: "none",
      MODELARTS_PROJECT_ID: "project",
      UPSTREAM_RETRIES: "0",
      UPSTREAM_TIMEOUT_MS: "60000",
      REQUEST_TIMEOUT_MS: "60000",
    });
    upstream.script(good);
    await ask("first");
    await ask("second");
    expect((await planned()) > 0).toBe(FAST_PATH === "on");
  });
  afterEach(async () => {
    await gateway.close();
    await upstream.close();
  });

  test.each([
    ["succeeds", good],
    ["fails", json(500, {})],
  ])(
    "an operation that waits 3 s and then %s is logged and observed with its whole duration",
    async (_end, reply) => {
      const before = await seconds(200);
      upstream.script((response) =>
        setTimeout(() => {
          reply(response);
        }, SLOW_MS),
      );
      await ask("slow");
      await eventually(() => lineOf("slow") !== undefined);
      expect(lineOf("slow")).toMatchObject({ route: "/graphql", status: 200, operationName: "Known" });
      expect(Number(lineOf("slow")?.["durationMs"])).toBeGreaterThanOrEqual(SLOW_MS - 1);
      expect((await seconds(200)) - before).toBeGreaterThanOrEqual((SLOW_MS - 1) / 1000);
      expect(
        gateway.log.filter(({ msg, requestId }) => msg === "request" && requestId === "slow"),
      ).toHaveLength(1);
    },
  );

  test("a client that leaves gives a line with status 499, and is counted once", async () => {
    upstream.script(hang);
    const client = new AbortController();
    const asked = ask("left", client.signal).catch(() => "left");
    await eventually(() => upstream.requests.length === 3);
    client.abort();
    expect(await asked).toBe("left");
    await eventually(async () => (await outcome("ABANDONED")) === 1);
    expect(lineOf("left")).toMatchObject({ route: "/graphql", status: 499 });
    expect(
      await metricOf(gateway.url, 'http_request_duration_seconds_count{route="/graphql",status="499"}'),
    ).toBe(1);
    expect(await outcome("OK")).toBe(2);
  });

  test("a drain ends an operation with UPSTREAM_UNAVAILABLE, which the client gets", async () => {
    upstream.script(hang);
    const asked = ask("drained");
    await eventually(() => upstream.requests.length === 3);
    await gateway.drain({ delayMs: 0, graceMs: 1_000 });
    const { data, errors } = await asked;
    expect(data).toEqual({ trainingJob: { events: null } });
    expect(errors?.map(({ extensions }) => extensions)).toEqual([
      expect.objectContaining({ code: "UPSTREAM_UNAVAILABLE", retryable: true }),
    ]);
    expect(lineOf("drained")).toMatchObject({ status: 200, code: "UPSTREAM_UNAVAILABLE" });
  });

  test("persisted queries are answered with and without their text", async () => {
    const query = `query Persisted { trainingJob(id: "p") { events(first: 1) { totalCount } } }`;
    const sha256Hash = createHash("sha256").update(query).digest("hex");
    const extensions = { persistedQuery: { version: 1, sha256Hash }, clientLibrary: { name: "any" } };
    const send = async (body: object): Promise<Body> => {
      const headers = { "content-type": "application/json" };
      const answer = await request(gateway.url, { method: "POST", headers, body: JSON.stringify(body) });
      return (await answer.body.json()) as Body;
    };
    expect((await send({ extensions })).errors?.[0]?.extensions["code"]).toBe("PERSISTED_QUERY_NOT_FOUND");
    const before = await planned();
    const data = { trainingJob: { events: { totalCount: 0 } } };
    for (let time = 0; time < 2; time += 1) {
      expect(await send({ query, extensions })).toEqual({ data });
      expect(await send({ extensions })).toEqual({ data });
    }
    const fast = (await planned()) + (await metricOf(gateway.url, 'fast_path_answers_total{way="repeat"}'));
    expect(fast - before).toBe(FAST_PATH === "on" ? 2 : 0);
    // A hash that does not match its text is refused, even for a known operation.
    const wrong = { persistedQuery: { version: 1, sha256Hash: sha256Hash.replace(/^./, "g") } };
    expect((await send({ query, extensions: wrong })).errors?.[0]?.extensions["code"]).toBe("BAD_REQUEST");
  });
});
