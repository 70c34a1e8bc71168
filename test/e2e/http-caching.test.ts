import { expect, test } from "@jest/globals";
import { request } from "undici";
import { eventually } from "../support/eventually.js";
import { simulatedGateway } from "../support/processes/simulated-gateway.js";

const PAGE = `{ trainingJob(id: "events-101") { events(first: 20) { totalCount nodes { message } } } }`;

const site = simulatedGateway({
  UPSTREAM_RETRIES: "0",
  // However long a call takes, no older page is shown instead of its answer.
  CACHE_STALE_WAIT_MS: "3600000",
});

async function get(headers: Record<string, string> = {}) {
  const answer = await request(`${site.gateway.url}?${new URLSearchParams({ query: PAGE }).toString()}`, {
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
  await site.start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: "3600000" });
  const { etag, maxAge } = await get();
  expect(maxAge).toBeLessThan(3_600);
  expect(maxAge).toBeGreaterThan(3_000);
  expect(await get({ "if-none-match": etag })).toMatchObject({ status: 304, etag, text: "" });
});

test("new events change the ETag, and a stale page is not cached", async () => {
  await site.start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: "200" });
  const { etag, maxAge } = await get();
  expect(maxAge).toBe(0);
  site.simulator.jobs.add("events-101", [{ message: "news" }]);
  await eventually(async () => (await get({ "if-none-match": etag })).status === 200);
  const { etag: later } = await get();
  expect(later).not.toBe(etag);
  site.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null });
  await eventually(async () => (await get({ "if-none-match": later })).text.includes('"stale":true'));
  expect(await get({ "if-none-match": later })).toMatchObject({ status: 200, cacheControl: "no-store" });
});

test("a token's page is cached no longer than its grant", async () => {
  await site.start({ MODELARTS_AUTH: "passthrough", CACHE_HEAD_TTL_MS: "3600000" });
  site.simulator.set({ tokens: [{ token: "token-of-alice" }] });
  const { etag, maxAge } = await get({ "x-auth-token": "token-of-alice" });
  expect(maxAge).toBeLessThanOrEqual(30);
  const others = { "x-auth-token": "token-of-eve", "if-none-match": etag };
  expect(await get(others)).toMatchObject({ status: 200, cacheControl: "no-store" });
});

test("an answer with a cache extension is not cached", async () => {
  await site.start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: "3600000" });
  expect((await get({ "x-cache-debug": "1" })).cacheControl).toBe("no-store");
});

test("a page whose read takes longer than its lifetime is read again each time", async () => {
  await site.start({ MODELARTS_AUTH: "none", CACHE_HEAD_TTL_MS: "0" });
  const oldest = `{ trainingJob(id: "events-101") { events(order: OLDEST_FIRST, first: 1) { totalCount } } }`;
  const headers = { "content-type": "application/json" };
  const ask = async () => {
    const body = JSON.stringify({ query: oldest });
    return (await request(site.gateway.url, { method: "POST", headers, body })).body.text();
  };
  for (let time = 0; time < 5; time += 1) expect(await ask()).toContain('"totalCount":101');
  site.simulator.jobs.add("events-101", [{ message: "news" }]);
  expect(await ask()).toContain('"totalCount":102');
});
