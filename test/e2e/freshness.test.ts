import { describe, expect, test } from "@jest/globals";
import { eventually } from "../support/eventually.js";
import { type Answer, ask } from "../support/processes/gateway-client.js";
import { simulatedGateway } from "../support/processes/simulated-gateway.js";
import { metricOf } from "../support/processes/load.js";

const PAGE = `query Page($id: ID!) { trainingJob(id: $id) { events(first: 3) { totalCount asOf isStale } } }`;

type Page = { readonly totalCount: number; readonly asOf: string; readonly isStale: boolean };
type PageData = { readonly trainingJob: { readonly events: Page | null } };

const site = simulatedGateway({
  MODELARTS_AUTH: "none",
  UPSTREAM_RETRIES: "0",
});

function pageOf({ data, errors }: Answer<PageData>): Page {
  const page = data?.trainingJob.events ?? null;
  if (page === null) throw new Error(JSON.stringify(errors));
  return page;
}

const send = async (): Promise<Page> =>
  pageOf(await ask<PageData>(site.gateway.url, PAGE, { id: "events-101" }));

describe.each(["on", "off"])("with FAST_PATH=%s", (FAST_PATH) => {
  test("`asOf` is the time of the page's reading", async () => {
    await site.start({ FAST_PATH, CACHE_HEAD_TTL_MS: "3600000" });
    const startMs = Date.now();
    const first = await send();
    expect(first).toMatchObject({ totalCount: 101, isStale: false });
    // Readings are dated by a clock of the gateway's own, which begins with the machine's.
    expect(Math.abs(Date.parse(first.asOf) - startMs)).toBeLessThan(60_000);
    const repeats = () => metricOf(site.gateway.url, 'fast_path_answers_total{way="repeat"}');
    for (let time = 0; time < 5; time += 1) expect(await send()).toEqual(first);
    expect((await repeats()) > 0).toBe(FAST_PATH === "on");
  });

  test("a later reading has a later `asOf`, also for a repeated page", async () => {
    await site.start({ FAST_PATH, CACHE_HEAD_TTL_MS: "500" });
    let last = await send();
    await eventually(async () => {
      const page = await send();
      expect(page.asOf >= last.asOf).toBe(true);
      const isLater = page.asOf > last.asOf;
      last = page;
      return isLater;
    });
    site.simulator.jobs.add("events-101", [{ message: "news" }]);
    await eventually(async () => {
      const page = await send();
      // The same moment is the same state.
      expect(page.totalCount === last.totalCount || page.asOf > last.asOf).toBe(true);
      return page.totalCount === 102;
    });
  });

  test("a stale page has `isStale` and the `asOf` of the last reading", async () => {
    await site.start({ FAST_PATH, CACHE_HEAD_TTL_MS: "200" });
    const fresh = await send();
    site.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null });
    await eventually(async () => (await send()).isStale);
    const answer = await ask<PageData>(site.gateway.url, PAGE, { id: "events-101" });
    expect(answer.extensions).toMatchObject({ cache: { stale: true } });
    const stale = pageOf(answer);
    expect(stale).toEqual(await send());
    expect(stale).toMatchObject({ totalCount: 101, isStale: true });
    expect(stale.asOf >= fresh.asOf).toBe(true);
    site.simulator.faults.clear();
    await eventually(async () => !(await send()).isStale);
  });
});
