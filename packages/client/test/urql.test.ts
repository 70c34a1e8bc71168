import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { type Client as LiveWsClient, createClient as createWsClient } from "graphql-ws";
import {
  EventOverviewDocument,
  FollowEventsDocument,
  isGatewayError,
  JobEventsPageDocument,
  type JobEventsPageQuery,
  placeEvents,
} from "modelarts-events-client";
import { eventKeys, eventsResolver, resumable } from "modelarts-events-client/urql";
import { WebSocket } from "ws";
import { eventually } from "../../../test/support/eventually.js";
import {
  startRestartableGateway,
  type RestartableGateway,
} from "../../../test/support/processes/restartable-gateway.js";
import { staleFetch } from "./clients.js";

let gateway: RestartableGateway;
beforeAll(async () => {
  gateway = await startRestartableGateway({ UPSTREAM_RETRIES: "0" });
});
afterAll(() => gateway.close());

let jobs = 0;
let job = "";
beforeEach(() => {
  jobs += 1;
  job = `urql-${jobs}`;
});
const lives: LiveWsClient[] = [];
afterEach(async () => {
  gateway.simulator.faults.clear();
  // Otherwise the client of a failed test would reconnect until the process is killed.
  for (const live of lives.splice(0)) await live.dispose();
});

type Loaded = NonNullable<NonNullable<JobEventsPageQuery["trainingJob"]>["events"]>;
type EventEdge = Loaded["edges"][number];

/** A client as README.md creates it. */
function createClient(send = fetch): Client {
  const live = createWsClient({
    url: gateway.url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    retryAttempts: Infinity,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
    shouldRetry: () => true,
  });
  lives.push(live);
  const forward = resumable(live);
  return new Client({
    url: gateway.url,
    fetch: send,
    preferGetMethod: false,
    exchanges: [
      cacheExchange({ keys: eventKeys, resolvers: { TrainingJob: { events: eventsResolver() } } }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = "", variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: forward.subscribe({ query, variables: variables ?? {} }, sink),
          }),
        }),
      }),
    ],
  });
}

async function page(client: Client, variables: object) {
  const { data, error } = await client.query(JobEventsPageDocument, { id: job, ...variables }).toPromise();
  const events = data?.trainingJob?.events;
  return {
    error,
    pageInfo: events?.pageInfo,
    messages: events?.edges.map(({ node }) => node.message) ?? null,
  };
}

describe("graphcache", () => {
  test("joins older and newer pages into one list", async () => {
    const messages = gateway.write(job, 30);
    const client = createClient();
    const first = await page(client, { first: 10 });
    await page(client, { first: 10, after: first.pageInfo?.endCursor });
    messages.push(...gateway.write(job, 5));
    await gateway.hasRead(job);
    const joined = await page(client, { last: 100, before: first.pageInfo?.startCursor });
    expect(joined.messages).toEqual(messages.slice(10).toReversed());
  });

  test("keeps the list if a page fails, together with the error", async () => {
    const messages = gateway.write(job, 250);
    const client = createClient();
    const first = await page(client, { first: 10 });
    gateway.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null, jobId: job });
    const failed = await page(client, { first: 100, after: first.pageInfo?.endCursor });
    expect(isGatewayError(failed.error, "UPSTREAM_UNAVAILABLE")).toBe(true);
    expect(failed.messages).toEqual(messages.slice(-10).toReversed());
    gateway.simulator.faults.clear();
    await eventually(async () => {
      const { data } = await client
        .query(
          JobEventsPageDocument,
          { id: job, first: 100, after: first.pageInfo?.endCursor },
          { requestPolicy: "network-only" },
        )
        .toPromise();
      return data?.trainingJob?.events?.edges.length === 110;
    });
  });

  test("caches counts and a histogram without a warning of missing keys", async () => {
    const warn = jest.spyOn(console, "warn").mockImplementation(() => undefined);
    gateway.write(job, 3);
    const { data } = await createClient().query(EventOverviewDocument, { id: job, first: 0 }).toPromise();
    expect(data?.trainingJob?.events?.totalCount).toBe(3);
    expect(data?.trainingJob?.events?.countByLevel).toHaveLength(3);
    expect(warn.mock.calls).toEqual([]);
    warn.mockRestore();
  });

  test("fetches a missing page although it has others", async () => {
    const messages = gateway.write(job, 12);
    const client = createClient();
    const first = await page(client, { first: 2 });
    expect((await page(client, { first: 3, after: first.pageInfo?.endCursor })).messages).toEqual(
      messages.slice(-5).toReversed(),
    );
  });

  test("has each event once after a reload that overlaps a newer page", async () => {
    const messages = gateway.write(job, 12);
    const client = createClient();
    const first = await page(client, { first: 4 });
    messages.push(...gateway.write(job, 2));
    await gateway.hasRead(job);
    await page(client, { last: 100, before: first.pageInfo?.startCursor });
    const { data } = await client
      .query(JobEventsPageDocument, { id: job, first: 4 }, { requestPolicy: "network-only" })
      .toPromise();
    const shown = data?.trainingJob?.events?.edges.map(({ node }) => node.message);
    expect(shown).toEqual(messages.slice(-4).toReversed());
  });
});

test("a list keeps streamed events if an older page is loaded again", async () => {
  const messages = gateway.write(job, 12);
  const client = createClient(staleFetch());
  const variables = { id: job, first: 10 };
  let pages: readonly EventEdge[] = [];
  let followed: readonly EventEdge[] = [];
  let loads = 0;
  const shown = () => placeEvents(pages, followed).map(({ node }) => node.message);
  const watching = client.query(JobEventsPageDocument, variables).subscribe(({ data, stale }) => {
    pages = data?.trainingJob?.events?.edges ?? pages;
    if (!stale) loads += 1;
  });
  await eventually(() => loads === 1);
  const following = client
    .subscription(FollowEventsDocument, { id: job, after: pages[0]?.cursor ?? null })
    .subscribe(({ data }) => {
      if (data)
        followed = [...followed, ...data.trainingJobEvents.edges, ...data.trainingJobEvents.lateEdges];
    });
  messages.push(...gateway.write(job, 3));
  await eventually(() => followed.length === 3);
  messages.splice(11, 0, gateway.writeLate(job, 10));
  await eventually(() => followed.length === 4);
  expect(shown()).toEqual(messages.slice(2).toReversed());
  await client.query(JobEventsPageDocument, variables, { requestPolicy: "network-only" }).toPromise();
  await eventually(() => loads > 1);
  expect(pages).toHaveLength(10);
  expect(shown()).toEqual(messages.slice(2).toReversed());
  const after = pages.at(-1)?.cursor ?? null;
  await client.query(JobEventsPageDocument, { ...variables, after }).toPromise();
  await eventually(() => pages.length === 12);
  expect(shown()).toEqual(messages.toReversed());
  following.unsubscribe();
  watching.unsubscribe();
});

test("a subscription resumes after the gateway was killed, each event once", async () => {
  const messages = gateway.write(job, 5);
  const seen: string[] = [];
  const following = createClient()
    .subscription(FollowEventsDocument, { id: job, last: 2 })
    .subscribe(({ data }) => {
      seen.push(...(data?.trainingJobEvents.edges ?? []).map(({ node }) => node.message));
    });
  await eventually(() => seen.length === 2);
  await gateway.kill();
  messages.push(...gateway.write(job, 7));
  await gateway.start();
  await eventually(() => seen.length >= 9);
  messages.push(...gateway.write(job, 1));
  await eventually(() => seen.length >= 10);
  expect(seen).toEqual(messages.slice(3));
  following.unsubscribe();
});
