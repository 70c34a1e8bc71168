import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { OperationTypeNode } from "graphql";
import { type Client } from "graphql-ws";
import {
  EventInContextDocument,
  EventOverviewDocument,
  FollowEventsDocument,
  type FollowEventsSubscription,
  isGatewayError,
  JobEventsPageDocument,
  type JobEventsPageQuery,
  placeEvents,
} from "modelarts-events-client";
import { eventTypePolicies, gatewayLink } from "modelarts-events-client/apollo";
import { WebSocket } from "ws";
import { eventually } from "../../../test/support/eventually.js";
import {
  startRestartableGateway,
  type RestartableGateway,
} from "../../../test/support/processes/restartable-gateway.js";
import { LIVE_CLIENTS } from "./live-clients.js";

// GraphQLWsLink names the browser's class, which Node 20 has not.
if (!("WebSocket" in globalThis)) Object.assign(globalThis, { WebSocket });

let gateway: RestartableGateway;
beforeAll(async () => {
  gateway = await startRestartableGateway({ UPSTREAM_RETRIES: "0" });
});
afterAll(() => gateway.close());

let jobs = 0;
let job = "";
beforeEach(() => {
  jobs += 1;
  job = `apollo-${jobs}`;
});
const clients: ApolloClient[] = [];
const subscriptions: { unsubscribe(): void }[] = [];
afterEach(() => {
  gateway.simulator.faults.clear();
  for (const client of clients.splice(0)) client.stop();
  // Otherwise a failed test's subscription would reconnect until the process is killed.
  for (const subscription of subscriptions.splice(0)) subscription.unsubscribe();
});

/** A client as README.md creates it. */
function createClient(maxRetries = 0): ApolloClient {
  const [[, createLive] = []] = LIVE_CLIENTS;
  if (createLive === undefined) throw new Error("There is no live client.");
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(createLive(gateway.url) as Client),
    new HttpLink({ uri: gateway.url }),
  );
  const client = new ApolloClient({
    link: gatewayLink({ maxRetries }).concat(link),
    cache: new InMemoryCache({ typePolicies: eventTypePolicies() }),
  });
  clients.push(client);
  return client;
}

/** The list that a component would show. */
function messagesOf(client: ApolloClient): string[] | null {
  const data = client.readQuery({ query: JobEventsPageDocument, variables: { id: job, first: 10 } });
  return data?.trainingJob?.events?.edges.map(({ node }) => node.message) ?? null;
}

/** The list with a batch of a subscription, as README.md adds it. */
const withBatch =
  ({ trainingJobEvents: { edges, lateEdges } }: FollowEventsSubscription) =>
  (list: JobEventsPageQuery | null): JobEventsPageQuery | undefined => {
    const events = list?.trainingJob?.events;
    if (!list?.trainingJob || !events) return undefined;
    const placed = [...placeEvents(events.edges, [...edges, ...lateEdges])];
    return { trainingJob: { ...list.trainingJob, events: { ...events, edges: placed } } };
  };

describe("the field policy", () => {
  test("joins older and newer pages into one list", async () => {
    const messages = gateway.write(job, 30);
    const client = createClient();
    const list = client.watchQuery({ query: JobEventsPageDocument, variables: { id: job, first: 10 } });
    const { data } = await list.refetch();
    const pageInfo = data?.trainingJob?.events?.pageInfo;
    await list.fetchMore({ variables: { first: 10, after: pageInfo?.endCursor ?? null } });
    messages.push(...gateway.write(job, 5));
    await gateway.hasRead(job);
    await list.fetchMore({ variables: { first: null, last: 100, before: pageInfo?.startCursor ?? null } });
    expect(messagesOf(client)).toEqual(messages.slice(10).toReversed());
  });

  test("keeps events from a stream when an older page is loaded again", async () => {
    const messages = gateway.write(job, 30);
    const client = createClient();
    const variables = { id: job, first: 10 };
    const { data: old } = await client.query({ query: JobEventsPageDocument, variables });
    const following = client
      .subscribe({
        query: FollowEventsDocument,
        variables: { id: job, after: old?.trainingJob?.events?.pageInfo.startCursor ?? null },
      })
      .subscribe(({ data }) => {
        if (data) client.cache.updateQuery({ query: JobEventsPageDocument, variables }, withBatch(data));
      });
    subscriptions.push(following);
    messages.push(...gateway.write(job, 2));
    await eventually(() => messagesOf(client)?.length === 12);
    messages.splice(26, 0, gateway.writeLate(job, 25));
    await eventually(() => messagesOf(client)?.length === 13);
    expect(messagesOf(client)).toEqual(messages.slice(-13).toReversed());
    // As from a gateway whose cache is behind.
    client.writeQuery({ query: JobEventsPageDocument, variables, data: old });
    expect(messagesOf(client)?.slice(0, 3)).toEqual(messages.slice(-3).toReversed());
  });

  test("stores counts and pages around an event separately from the list", async () => {
    const messages = gateway.write(job, 30);
    const client = createClient();
    const counts = { query: EventOverviewDocument, variables: { id: job, first: 0 } };
    await client.query(counts);
    const list = { query: JobEventsPageDocument, variables: { id: job, first: 10 } };
    const { data } = await client.query(list);
    const event = data?.trainingJob?.events?.edges[5]?.node.id ?? "";
    await client.query({ ...counts, fetchPolicy: "network-only" });
    const { data: context } = await client.query({
      query: EventInContextDocument,
      variables: { id: job, event, first: 4 },
    });
    const around = context?.trainingJob?.events?.edges.map(({ node }) => node.message);
    expect(around).toEqual(messages.slice(-7, -3).toReversed());
    expect(messagesOf(client)).toEqual(messages.slice(-10).toReversed());
  });

  test("keeps the list if a page fails", async () => {
    const messages = gateway.write(job, 250);
    const client = createClient();
    const list = client.watchQuery({ query: JobEventsPageDocument, variables: { id: job, first: 10 } });
    const { data } = await list.refetch();
    const after = data?.trainingJob?.events?.pageInfo.endCursor ?? null;
    gateway.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null, jobId: job });
    // 100 events further than what the first page brought into the gateway's cache.
    const failure: unknown = await list.fetchMore({ variables: { first: 100, after } }).then(
      ({ error }) => error,
      (error: unknown) => error,
    );
    expect(isGatewayError(failure, "UPSTREAM_UNAVAILABLE")).toBe(true);
    expect(messagesOf(client)).toEqual(messages.slice(-10).toReversed());
  });
});

describe("the link", () => {
  test("retries a query after a temporary failure", async () => {
    gateway.write(job, 3);
    gateway.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: 1, jobId: job });
    const { data } = await createClient(3).query({
      query: JobEventsPageDocument,
      variables: { id: job, first: 2 },
    });
    expect(data?.trainingJob?.events?.edges).toHaveLength(2);
  });

  test("returns the last failure unchanged after the last retry", async () => {
    gateway.write(job, 3);
    gateway.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null, jobId: job });
    const failure: unknown = await createClient(1)
      .query({ query: JobEventsPageDocument, variables: { id: job, first: 2 } })
      .catch((error: unknown) => error);
    expect(isGatewayError(failure, "UPSTREAM_UNAVAILABLE")).toBe(true);
  });

  test("does not retry if a retry cannot help", async () => {
    const before = gateway.simulator.calls.total;
    const failure: unknown = await createClient(3)
      .query({ query: JobEventsPageDocument, variables: { id: "no-such-job", first: 2 } })
      .catch((error: unknown) => error);
    expect(isGatewayError(failure, "TRAINING_JOB_NOT_FOUND")).toBe(true);
    expect(gateway.simulator.calls.total - before).toBe(1);
  });

  test("resumes a subscription after the gateway was killed, each event once", async () => {
    const messages = gateway.write(job, 5);
    const seen: string[] = [];
    const subscription = createClient()
      .subscribe({ query: FollowEventsDocument, variables: { id: job, last: 2 } })
      .subscribe(({ data }) => {
        seen.push(...(data?.trainingJobEvents.edges ?? []).map(({ node }) => node.message));
      });
    subscriptions.push(subscription);
    await eventually(() => seen.length === 2);
    await gateway.kill();
    messages.push(...gateway.write(job, 7));
    await gateway.start();
    await eventually(() => seen.length === 9);
    messages.push(...gateway.write(job, 1));
    await eventually(() => seen.length === 10);
    expect(seen).toEqual(messages.slice(3));
  });
});
