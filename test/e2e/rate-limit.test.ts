import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createClient } from "graphql-ws";
import { request } from "undici";
import { WebSocket } from "ws";
import { type Simulator, startSimulator } from "../../src/simulator/server.js";
import { startInProcessGateway, type InProcessGateway } from "../support/processes/in-process-gateway.js";
import { metricOf } from "../support/processes/load.js";
import { RedisServer } from "../support/redis/redis.js";

/** Jobs that one call reads whole. */
const [A, B, C, D] = ["events-1", "documented-example", "empty", "chinese"] as const;
const QUERY = "query Total($id: ID!) { trainingJob(id: $id) { events(first: 1) { totalCount } } }";
const BOTH = `query Both($a: ID!, $b: ID!) {
  a: trainingJob(id: $a) { events(first: 1) { totalCount } }
  b: trainingJob(id: $b) { events(first: 1) { totalCount } }
}`;

type Body = { data?: Record<string, unknown>; errors?: { extensions: Record<string, unknown> }[] };
type Answer = { status: number; headers: Record<string, unknown>; body: Body };

let simulator: Simulator;
let stops: (() => unknown)[];

beforeEach(async () => {
  simulator = await startSimulator();
  stops = [() => simulator.close()];
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
});

async function start(env: Record<string, string>, nowMs?: () => number): Promise<InProcessGateway> {
  const gateway = await startInProcessGateway(
    {
      MODELARTS_ENDPOINT: simulator.url,
      MODELARTS_AUTH: "none",
      MODELARTS_PROJECT_ID: "demo-project",
      UPSTREAM_RETRIES: "0",
      CACHE_HEAD_TTL_MS: "3600000",
      CACHE_KEY_SECRET: "shared",
      ...env,
    },
    nowMs,
  );
  stops.push(() => gateway.close());
  return gateway;
}

async function post(
  gateway: InProcessGateway,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await request(gateway.url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.statusCode, headers: answer.headers, body: (await answer.body.json()) as Body };
}
const total = (id: string) => ({ query: QUERY, variables: { id } });

function expectRefusal({ status, headers, body }: Answer, perMinute: number): void {
  expect(status).toBe(429);
  const { extensions } = body.errors?.[0] ?? {};
  expect(body).toEqual({ errors: [expect.objectContaining({ extensions })] });
  expect(extensions).toEqual({
    code: "RATE_LIMITED",
    retryable: true,
    retryAfterMs: expect.any(Number) as unknown,
  });
  const seconds = Math.ceil(Number(extensions?.["retryAfterMs"]) / 1_000);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(headers).toMatchObject({
    "retry-after": String(seconds),
    "ratelimit-policy": `"upstream";q=${perMinute};w=60`,
    ratelimit: `"upstream";r=0;t=${seconds}`,
  });
}

test.each(["on", "off"])(
  "a caller has a budget of calls, and cached pages cost nothing (FAST_PATH=%s)",
  async (FAST_PATH) => {
    const gateway = await start({ RATE_LIMIT: "2", FAST_PATH });
    for (const id of [A, B, A, B, A]) {
      const { status, body, headers } = await post(gateway, total(id));
      expect([status, body.errors]).toEqual([200, undefined]);
      expect(headers).not.toHaveProperty("ratelimit");
    }
    expectRefusal(await post(gateway, total(C)), 2);
    expectRefusal(await post(gateway, total(C), { accept: "application/graphql-response+json" }), 2);
    const search = new URLSearchParams({ query: QUERY, variables: JSON.stringify({ id: C }) });
    const got = await request(`${gateway.url}?${search.toString()}`);
    expectRefusal({ status: got.statusCode, headers: got.headers, body: (await got.body.json()) as Body }, 2);
    expect((await post(gateway, total(A))).status).toBe(200);
    // What could be had is answered.
    const both = await post(gateway, { query: BOTH, variables: { a: A, b: C } });
    expect(both.status).toBe(200);
    expect(both.headers).not.toHaveProperty("retry-after");
    expect(both.body.data).toEqual({ a: { events: { totalCount: 1 } }, b: { events: null } });
    expect(both.body.errors?.[0]?.extensions).toMatchObject({ code: "RATE_LIMITED" });
    expect(simulator.calls.total).toBe(2);
    expect(await metricOf(gateway.url, "budget_refusals_total")).toBeGreaterThan(0);
  },
);

test("a batch is refused as a whole if each of its operations is", async () => {
  const gateway = await start({ RATE_LIMIT: "1" });
  await post(gateway, total(A));
  const refused = await post(gateway, [total(C), total(D)]);
  expect(refused.status).toBe(429);
  expect(refused.headers).toHaveProperty("retry-after");
  const mixed = await post(gateway, [total(C), total(A)]);
  expect(mixed.status).toBe(200);
  expect(mixed.headers).not.toHaveProperty("retry-after");
});

test("a budget is complete again a minute after its first call", async () => {
  let nowMs = Date.now();
  const gateway = await start({ RATE_LIMIT: "1" }, () => nowMs);
  await post(gateway, total(A));
  nowMs += 59_000;
  const { body } = await post(gateway, total(B));
  expect(body.errors?.[0]?.extensions).toMatchObject({ retryAfterMs: 1_000 });
  nowMs += 1_000;
  expect((await post(gateway, total(B))).status).toBe(200);
});

test("a caller without budget gets an error and no expired page", async () => {
  const gateway = await start({ RATE_LIMIT: "1", CACHE_HEAD_TTL_MS: "0" });
  expect((await post(gateway, total(A))).status).toBe(200);
  expectRefusal(await post(gateway, total(A)), 1);
});

test("each token has its own budget, which all processes share through Redis", async () => {
  const redis = await RedisServer.start();
  stops.push(() => redis.stop());
  const env = { RATE_LIMIT: "2", REDIS_URL: redis.url, MODELARTS_AUTH: "passthrough" };
  const gateways = [await start(env), await start(env)] as const;
  const as = (token: string) => ({ "x-auth-token": token });
  expect((await post(gateways[0], total(A), as("one"))).status).toBe(200);
  expect((await post(gateways[1], total(B), as("one"))).status).toBe(200);
  for (const gateway of gateways) expectRefusal(await post(gateway, total(C), as("one")), 2);
  for (const gateway of gateways) expect((await post(gateway, total(D), as("two"))).status).toBe(200);
  // Without Redis each process counts for itself.
  await redis.stop();
  expect((await post(gateways[0], total(C), as("one"))).status).toBe(200);
  expect((await post(gateways[0], total(D), as("one"))).status).toBe(200);
  expectRefusal(await post(gateways[0], total("failed"), as("one")), 2);
});

test("subscriptions have the same budget", async () => {
  const gateway = await start({ RATE_LIMIT: "1", CACHE_STALE_MS: "0" });
  await post(gateway, total(A));
  const client = createClient({ url: gateway.url.replace("http", "ws"), webSocketImpl: WebSocket });
  const query = "subscription ($id: ID!) { trainingJobEvents(id: $id) { caughtUp } }";
  await expect(client.iterate({ query, variables: { id: C } }).next()).rejects.toEqual([
    expect.objectContaining({ extensions: expect.objectContaining({ code: "RATE_LIMITED" }) as unknown }),
  ]);
  await client.dispose();
});
