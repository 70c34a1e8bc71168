import { expect, test } from "@jest/globals";
import { eventually } from "../support/eventually.js";
import { ask } from "../support/processes/gateway-client.js";
import { simulatedGateway } from "../support/processes/simulated-gateway.js";
import { metricOf } from "../support/processes/load.js";

const PAGE = `{ trainingJob(id: "events-101") { events(first: 2) { totalCount } } }`;
const ASKED = { "x-cache-debug": "1" };

const site = simulatedGateway({
  MODELARTS_AUTH: "none",
  UPSTREAM_RETRIES: "0",
  CACHE_HEAD_TTL_MS: "3600000",
});

async function timingOf(headers: Record<string, string> = {}, query = PAGE): Promise<unknown> {
  return (await ask(site.gateway.url, query, {}, headers)).headers["server-timing"];
}

test("an answer has its total time, its calls to ModelArts and the sources of its data", async () => {
  await site.start();
  expect(await timingOf()).toMatch(
    /^total;dur=\d+\.\d, upstream;dur=\d+\.\d;desc="tries 2", cache;desc="upstream 2"$/,
  );
  expect(site.simulator.calls.total).toBe(2);
  expect(await timingOf(ASKED)).toMatch(
    /^total;dur=\d+\.\d, upstream;dur=0\.0;desc="tries 0", cache;desc="memory [12]"$/,
  );
  expect(await timingOf({}, "{ trainingJob { id } }")).toMatch(
    /^total;dur=\d+\.\d, upstream;dur=0\.0;desc="tries 0"$/,
  );
});

test("an answer of the fast path does not repeat the times of another request", async () => {
  await site.start();
  for (const way of ["plan", "repeat"]) {
    await eventually(async () => {
      await timingOf();
      return (await metricOf(site.gateway.url, `fast_path_answers_total{way="${way}"}`)) > 0;
    });
    expect(await timingOf()).toBeUndefined();
  }
  expect(await timingOf(ASKED)).toBeDefined();
});

test("in production there is none, unless CACHE_DEBUG is on and the request asks for it", async () => {
  await site.start({ NODE_ENV: "production" });
  expect([await timingOf(), await timingOf(ASKED)]).toEqual([undefined, undefined]);
  await site.gateway.close();
  await site.start({ NODE_ENV: "production", CACHE_DEBUG: "on" });
  expect(await timingOf()).toBeUndefined();
  expect(await timingOf(ASKED)).toContain("total;dur=");
});

test("only pages of allowed origins can read it", async () => {
  await site.start({ CORS_ORIGINS: "https://app.example.com" });
  const headersOf = async (origin: string) =>
    (await ask(site.gateway.url, PAGE, {}, { ...ASKED, origin })).headers;
  const allowed = await headersOf("https://app.example.com");
  expect(allowed["timing-allow-origin"]).toBe("https://app.example.com");
  expect(allowed["access-control-expose-headers"]).toContain("server-timing");
  expect((await headersOf("https://other.example.com"))["timing-allow-origin"]).toBeUndefined();
});
