import { describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { eventually } from "../support/eventually.js";
import { CLIENTS, Follower, sseClient, wsClient } from "../support/live/live-clients.js";
import { simulatedGateway } from "../support/processes/simulated-gateway.js";

const JOB = "events-101";
const QUERY = `{ trainingJob(id: "${JOB}") { events(first: 1) { totalCount asOf } } }`;
/** No caller makes a log be read again sooner than this. */
const MIN_AGE_MS = 500;

const site = simulatedGateway({
  MODELARTS_AUTH: "none",
  // Nothing but the caller's wish makes the gateway read again.
  CACHE_HEAD_TTL_MS: "3600000",
});

type Page = { readonly totalCount: number; readonly asOf: string };

async function pageOf(answer: ReturnType<typeof request>): Promise<Page> {
  const { data } = (await (await answer).body.json()) as {
    data: { trainingJob: { events: Page } };
  };
  return data.trainingJob.events;
}

const METHODS = {
  POST: (headers: Record<string, string>) =>
    pageOf(
      request(site.gateway.url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ query: QUERY }),
      }),
    ),
  GET: (headers: Record<string, string>) =>
    pageOf(request(`${site.gateway.url}?${new URLSearchParams({ query: QUERY }).toString()}`, { headers })),
};

describe.each(["on", "off"])("with FAST_PATH=%s", (FAST_PATH) => {
  test.each(["POST", "GET"] as const)("%s gets data as young as it asks for", async (method) => {
    await site.start({ FAST_PATH });
    const send = METHODS[method];
    // Often enough for the whole answer to be kept.
    for (let time = 0; time < 4; time += 1) expect(await send({})).toMatchObject({ totalCount: 101 });
    const old = await send({});
    let total = 101;
    for (const wish of ["no-cache", "max-age=0"]) {
      site.simulator.jobs.add(JOB, [{ message: "news" }]);
      total += 1;
      expect(await send({})).toMatchObject({ totalCount: total - 1 });
      expect(await send({ "cache-control": "max-age=3600" })).toMatchObject({ totalCount: total - 1 });
      await eventually(async () => (await send({ "cache-control": wish })).totalCount === total);
      // The others have it from then on.
      const page = await send({});
      expect(page.totalCount).toBe(total);
      expect(page.asOf > old.asOf).toBe(true);
    }
  });

  test("for many callers, a log is read once in half a second", async () => {
    await site.start({ FAST_PATH });
    await METHODS.POST({});
    site.simulator.calls.reset();
    const startMs = performance.now();
    for (let round = 0; round < 30; round += 1) {
      const answers = [METHODS.POST, METHODS.GET, METHODS.POST].map((send) =>
        send({ "cache-control": "no-cache" }),
      );
      await Promise.all(answers);
    }
    const elapsedMs = performance.now() - startMs;
    expect(site.simulator.calls.total).toBeLessThanOrEqual(1 + Math.ceil(elapsedMs / MIN_AGE_MS));
  });
});

describe("a live connection", () => {
  const LIVE = {
    "graphql-ws": () => wsClient(site.gateway.url, { connectionParams: { "Cache-Control": "no-cache" } }),
    "graphql-sse": () => sseClient(site.gateway.url, { headers: { "cache-control": "no-cache" } }),
  };

  test.each(["graphql-ws", "graphql-sse"] as const)("over %s begins with young data", async (protocol) => {
    await site.start();
    await METHODS.POST({});
    site.simulator.jobs.add(JOB, [{ message: "news" }]);
    const messagesOf = async (create: () => ReturnType<typeof wsClient>): Promise<unknown[]> => {
      const client = create();
      const follower = new Follower(client, { id: JOB, last: 1 });
      await eventually(() => follower.batches.length > 0);
      follower.stop();
      await client.close();
      return follower.batches.flatMap(({ edges }) => edges.map(({ node }) => node.message));
    };
    const plain = CLIENTS.find(([name]) => name === protocol)?.[1];
    if (plain === undefined) throw new Error(`There is no client for ${protocol}.`);
    expect(await messagesOf(() => plain(site.gateway.url))).not.toContain("news");
    await eventually(async () => (await messagesOf(LIVE[protocol])).includes("news"));
  });

  test("answers a query with young data", async () => {
    await site.start();
    await METHODS.POST({});
    site.simulator.jobs.add(JOB, [{ message: "news" }]);
    await eventually(async () => {
      const client = LIVE["graphql-ws"]();
      const follower = new Follower(client, {}, QUERY);
      await eventually(() => follower.results.length > 0);
      await client.close();
      const { data } = follower.results[0] as unknown as { data: { trainingJob: { events: Page } } };
      return data.trainingJob.events.totalCount === 102;
    });
  });
});
