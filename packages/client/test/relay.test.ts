import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type Client, createClient as createWsClient } from "graphql-ws";
import { isGatewayError } from "modelarts-events-client";
import { addFollowedEvents } from "modelarts-events-client/relay";
import {
  ConnectionHandler,
  createOperationDescriptor,
  type Environment,
  fetchQuery,
  type RecordProxy,
  type RecordSourceProxy,
  requestSubscription,
} from "relay-runtime";
import { WebSocket } from "ws";
import { eventually } from "../../../test/support/eventually.js";
import {
  startRestartableGateway,
  type RestartableGateway,
} from "../../../test/support/processes/restartable-gateway.js";
import { relayEnvironment, staleFetch } from "./clients.js";
import follow from "./relay/follow.generated.js";
import page, { type listPageQuery } from "./relay/page.generated.js";

let gateway: RestartableGateway;
beforeAll(async () => {
  gateway = await startRestartableGateway({ UPSTREAM_RETRIES: "0" });
});
afterAll(() => gateway.close());

let jobs = 0;
let job = "";
beforeEach(() => {
  jobs += 1;
  job = `relay-${jobs}`;
});
const lives: Client[] = [];
afterEach(async () => {
  gateway.simulator.faults.clear();
  // Otherwise the client of a failed test would reconnect until the process is killed.
  for (const live of lives.splice(0)) await live.dispose();
});

function createEnvironment(isHelped = true, send = fetch): Environment {
  const live = createWsClient({
    url: gateway.url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    retryAttempts: Infinity,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
    shouldRetry: () => true,
  });
  lives.push(live);
  return relayEnvironment(gateway.url, live, isHelped, send);
}

/** Fetches a page into the store; `first` and `after` belong to the connection's own handling. */
async function load(environment: Environment, variables: object): Promise<unknown> {
  return fetchQuery<listPageQuery>(environment, page, { id: job, ...variables })
    .toPromise()
    .then(
      () => null,
      (failure: unknown) => failure,
    );
}

/** The list that a component would show. */
function shown(environment: Environment): string[] {
  const { fragment } = createOperationDescriptor(page, { id: job, first: 10 });
  const { trainingJob } = environment.lookup(fragment).data as listPageQuery["response"];
  return trainingJob?.events?.edges.map(({ node }) => node.message) ?? [];
}

/** A cursor of the connection that the store keeps. */
function cursorOf(environment: Environment, name: "startCursor" | "endCursor"): string {
  let cursor: unknown;
  environment.commitUpdate((store) => {
    const connection = connectionOf(store);
    const pageInfo: RecordProxy | null | undefined = connection?.getLinkedRecord("pageInfo");
    cursor = pageInfo?.getValue(name);
  });
  if (typeof cursor !== "string") throw new Error("The connection has no such cursor.");
  return cursor;
}

function connectionOf(store: RecordSourceProxy): RecordProxy | null | undefined {
  const found = store.getRoot().getLinkedRecord("trainingJob", { id: job, projectId: undefined });
  return ConnectionHandler.getConnection(found, "List_events");
}

/** Puts new events in front of the connection. */
const followFirstPage = (environment: Environment) =>
  requestSubscription(environment, {
    subscription: follow,
    variables: { id: job, after: cursorOf(environment, "startCursor") },
    updater: (store) => {
      const connection = connectionOf(store);
      if (connection) addFollowedEvents(store, connection);
    },
  });

describe("a connection", () => {
  test("keeps its list if a page fails", async () => {
    const messages = gateway.write(job, 250);
    const environment = createEnvironment();
    await load(environment, { first: 10 });
    expect(shown(environment)).toEqual(messages.slice(-10).toReversed());
    gateway.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null, jobId: job });
    const failure = await load(environment, { first: 100, after: cursorOf(environment, "endCursor") });
    expect(isGatewayError(failure, "UPSTREAM_UNAVAILABLE")).toBe(true);
    expect(shown(environment)).toEqual(messages.slice(-10).toReversed());
    gateway.simulator.faults.clear();
    await eventually(async () => {
      return (await load(environment, { first: 100, after: cursorOf(environment, "endCursor") })) === null;
    });
    expect(shown(environment)).toEqual(messages.slice(-110).toReversed());
  });

  test("keeps events that a stream has shown if an older page is loaded again", async () => {
    const messages = gateway.write(job, 12);
    const environment = createEnvironment(true, staleFetch());
    await load(environment, { first: 10 });
    const following = followFirstPage(environment);
    messages.push(...gateway.write(job, 3));
    await eventually(() => shown(environment).length === 13);
    await load(environment, { first: 10 });
    expect(shown(environment)).toEqual(messages.slice(2).toReversed());
    const older = { first: 2, after: cursorOf(environment, "endCursor") };
    await load(environment, older);
    expect(shown(environment)).toEqual(messages.toReversed());
    following.dispose();
  });

  test("loses its list without the package's network function", async () => {
    gateway.write(job, 250);
    const environment = createEnvironment(false);
    await load(environment, { first: 10 });
    gateway.simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null, jobId: job });
    await load(environment, { first: 100, after: cursorOf(environment, "endCursor") });
    expect(shown(environment)).toEqual([]);
  });
});

test("a subscription adds events at the front, and resumes after the gateway was killed, each event once", async () => {
  const messages = gateway.write(job, 12);
  const environment = createEnvironment();
  await load(environment, { first: 10 });
  const { dispose } = followFirstPage(environment);
  messages.push(...gateway.write(job, 3));
  await eventually(() => shown(environment).length === 13);
  await gateway.kill();
  messages.push(...gateway.write(job, 4));
  await gateway.start();
  await eventually(() => shown(environment).length >= 17);
  messages.push(...gateway.write(job, 1));
  await eventually(() => shown(environment).length >= 18);
  messages.splice(16, 0, gateway.writeLate(job, 15));
  await eventually(() => shown(environment).length >= 19);
  expect(shown(environment)).toEqual(messages.slice(2).toReversed());
  dispose();
});
