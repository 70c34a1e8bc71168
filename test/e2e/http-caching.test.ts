import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { request } from "undici";
import { type Simulator, startSimulator } from "../../src/simulator/server.js";
import { eventually } from "../support/eventually.js";
import { type GatewayProcess, startGateway } from "../support/processes/gateway-process.js";

const PAGE = `{ trainingJob(id: "events-101") { events(first: 20) { totalCount nodes { message } } } }`;

let simulator: Simulator;
let gateway: GatewayProcess;

beforeEach(async () => {
  simulator = await startSimulator();
});

afterEach(async () => {
  await gateway.stop();
  await simulator.close();
});

async function start(env: Record<string, string>): Promise<void> {
  gateway = await startGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_PROJECT_ID: "demo-project",
    UPSTREAM_RETRIES: "0",
    ...env,
  });
}

async function get(headers: Record<string, string> = {}) {
  const answer = await request(`${gateway.url}?${new URLSearchParams({ query: PAGE }).toString()}`, {
    headers,
  });
  const maxAge = /^private, max-age=(\d+)$/.exec(String(answer.headers["cache-control"]))?.[1];
  return {
    status: answer.statusCode,
    cacheControl: answer.headers["cache-control"],
    etag: String(answer.headers["etag"]),
    maxAge: maxAge === undefined ? null : Number(maxAge),
    text: await answer.body.text(),
  };
}

test("a page may be cached until it could have changed, and then gets 304 if it has not", async () => {
  await start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: "3600000" });
  const { etag, maxAge } = await get();
  expect(maxAge).toBeLessThan(3_600);
  expect(maxAge).toBeGreaterThan(3_000);
  expect(await get({ "if-none-match": etag })).toMatchObject({ status: 304, etag, text: "" });
});

test("new events change the ETag, and a stale page is not cached", async () => {
  await start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: "200" });
  const { etag, maxAge } = await get();
  expect(maxAge).toBe(0);
  simulator.jobs.add("events-101", [{ message: "news" }]);
  await eventually(async () => (await get({ "if-none-match": etag })).status === 200);
  const { etag: later } = await get();
  expect(later).not.toBe(etag);
  simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null });
  await eventually(async () => (await get({ "if-none-match": later })).text.includes('"stale":true'));
  expect(await get({ "if-none-match": later })).toMatchObject({ status: 200, cacheControl: "no-store" });
});

test("a token's page is cached no longer than its grant", async () => {
  await start({ MODELARTS_AUTH: "passthrough", CACHE_HEAD_TTL_MS: "3600000" });
  simulator.set({ tokens: [{ token: "token-of-alice" }] });
  const { etag, maxAge } = await get({ "x-auth-token": "token-of-alice" });
  expect(maxAge).toBeLessThanOrEqual(30);
  const others = { "x-auth-token": "token-of-eve", "if-none-match": etag };
  expect(await get(others)).toMatchObject({ status: 200, cacheControl: "no-store" });
});

test("an answer with a cache extension is not cached", async () => {
  await start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: "3600000" });
  expect((await get({ "x-cache-debug": "1" })).cacheControl).toBe("no-store");
});

test("a page whose read takes longer than its lifetime is read again each time", async () => {
  await start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: "0" });
  const oldest = `{ trainingJob(id: "events-101") { events(order: OLDEST_FIRST, first: 1) { totalCount } } }`;
  const headers = { "content-type": "application/json" };
  const ask = async () => {
    const body = JSON.stringify({ query: oldest });
    return (await request(gateway.url, { method: "POST", headers, body })).body.text();
  };
  for (let time = 0; time < 5; time += 1) expect(await ask()).toContain('"totalCount":101');
  simulator.jobs.add("events-101", [{ message: "news" }]);
  expect(await ask()).toContain('"totalCount":102');
});
