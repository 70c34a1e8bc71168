import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { request } from "undici";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { type Answer, askEvents, pageOf } from "../../support/processes/gateway-client.js";
import { startInProcessGateway, type InProcessGateway } from "../../support/processes/in-process-gateway.js";
import { metricOf } from "../../support/processes/load.js";

const ID = "events-1000";
/** Longer than any test. */
const LONG_MS = "600000";

let simulator: Simulator;
let gateway: InProcessGateway;

beforeEach(async () => {
  simulator = await startSimulator();
});

afterEach(async () => {
  // First, because a call that hangs would delay the end of the gateway up to its limit.
  await simulator.close();
  await gateway.close();
});

/** Starts a gateway whose pages have a lifetime of 1 ms, and reads the newest page. */
async function startWarm(staleWaitMs: string): Promise<string> {
  gateway = await startInProcessGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    CACHE_HEAD_TTL_MS: "1",
    CACHE_STALE_WAIT_MS: staleWaitMs,
    UPSTREAM_TIMEOUT_MS: "60000",
    REQUEST_TIMEOUT_MS: "300000",
  });
  pageOf(await askEvents(gateway.url, { id: ID }));
  return gateway.url;
}

function append(): void {
  simulator.jobs.add(ID, [{ message: "news" }]);
}

const isStale = ({ extensions }: Answer<unknown>): boolean =>
  (extensions["cache"] as { stale?: boolean } | undefined)?.stale === true;

test("while the upstream hangs, the last page is shown, marked stale", async () => {
  const url = await startWarm("50");
  simulator.faults.add({ fault: { kind: "hang" }, times: null });
  const before = simulator.calls.total;
  for (let turn = 0; turn < 20; turn += 1) {
    const answer = await askEvents(url, { id: ID });
    expect(pageOf(answer).totalCount).toBe(1_000);
    expect(isStale(answer)).toBe(true);
  }
  // A query that comes while the renewal hangs does not start another one.
  await eventually(() => simulator.calls.total > before);
  expect(simulator.calls.total - before).toBe(1);
});

test("an older page that depends on both ends of the log is shown, too", async () => {
  const url = await startWarm("50");
  const { endCursor } = pageOf(await askEvents(url, { id: ID, first: 100 })).pageInfo;
  const page = { id: ID, first: 100, after: endCursor };
  const seen = pageOf(await askEvents(url, page));
  simulator.faults.add({ fault: { kind: "hang" }, times: null });
  const answer = await askEvents(url, page);
  expect(pageOf(answer)).toEqual(seen);
  expect(isStale(answer)).toBe(true);
});

test("the renewal goes on, and a later query gets its result", async () => {
  const url = await startWarm("0");
  append();
  simulator.faults.add({ fault: { kind: "delay", delayMs: 500 }, times: 1 });
  const before = simulator.calls.total;
  const answer = await askEvents(url, { id: ID });
  expect(isStale(answer)).toBe(true);
  expect(pageOf(answer).totalCount).toBe(1_000);
  simulator.faults.add({ fault: { kind: "hang" }, times: null });
  await eventually(async () => pageOf(await askEvents(url, { id: ID })).totalCount === 1_001);
  expect(simulator.calls.total - before).toBeLessThanOrEqual(2);
});

test("a throttled upstream does not delay a page by its Retry-After", async () => {
  const url = await startWarm("50");
  const headers = { "Retry-After": "4" };
  simulator.faults.add({ fault: { kind: "error", status: 429, headers }, times: null });
  const before = simulator.calls.total;
  const answer = await askEvents(url, { id: ID });
  expect(isStale(answer)).toBe(true);
  expect(pageOf(answer).totalCount).toBe(1_000);
  await eventually(() => simulator.calls.total > before);
  expect(simulator.calls.total - before).toBe(1);
});

test("a caller who requests younger data waits for it", async () => {
  const url = await startWarm("0");
  append();
  await eventually(async () => {
    // No sooner than half a second after the last reading.
    simulator.faults.clear();
    simulator.faults.add({ fault: { kind: "delay", delayMs: 300 }, times: 1 });
    const before = simulator.calls.total;
    const answer = await askEvents(url, { id: ID }, { "cache-control": "no-cache" });
    expect(isStale(answer)).toBe(false);
    return simulator.calls.total > before && pageOf(answer).totalCount === 1_001;
  });
});

test("a client that leaves does not count as served by a stale page", async () => {
  const url = await startWarm(LONG_MS);
  simulator.faults.add({ fault: { kind: "hang" }, times: null });
  const before = simulator.calls.total;
  const leaving = new AbortController();
  const body = JSON.stringify({
    query: `{ trainingJob(id: "${ID}") { events(first: 5) { totalCount nodes { time } } } }`,
  });
  const headers = { "content-type": "application/json" };
  const asked = request(url, { method: "POST", headers, body, signal: leaving.signal }).catch(() => null);
  await eventually(() => simulator.calls.total > before);
  leaving.abort();
  await asked;
  await eventually(() => gateway.log.some(({ status }) => status === 499));
  expect(await metricOf(url, 'cache_reads_total{outcome="stale"}')).toBe(0);
});
