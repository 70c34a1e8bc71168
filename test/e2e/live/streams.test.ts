import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { request } from "undici";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { CLIENTS, Follower, sseClient, wsClient } from "../../support/live/live-clients.js";
import { after, json, startScriptedUpstream } from "../../support/virtual/scripted-upstream.js";

let simulator: Simulator;
let gateway: GatewayProcess;
const settings = () => ({
  MODELARTS_ENDPOINT: simulator.url,
  MODELARTS_AUTH: "none",
  MODELARTS_PROJECT_ID: "demo-project",
  LIVE_CONNECTIONS_PER_CALLER_MAX: "2",
  SHUTDOWN_DELAY_MS: "0",
});
beforeAll(async () => {
  simulator = await startSimulator();
  gateway = await startGateway(settings());
});
afterAll(async () => {
  await gateway.stop();
  await simulator.close();
});

const QUERY =
  "subscription($id: ID!, $last: Int) { trainingJobEvents(id: $id, last: $last) { edges { node { message } } } }";

const stream = (id: string, headers: Record<string, string> = {}) =>
  request(
    `${gateway.url}?${new URLSearchParams({ query: QUERY, variables: JSON.stringify({ id, last: 1 }) }).toString()}`,
    { headers: { accept: "text/event-stream", ...headers } },
  );

/** Reads a stream up to a text, and leaves. */
async function readUntil(answered: Awaited<ReturnType<typeof stream>>, text: string): Promise<string> {
  let received = "";
  for await (const chunk of answered.body) {
    received += String(chunk);
    if (received.includes(text)) break;
  }
  return received;
}

test("a stream resumes after the last event ID, regardless of its `after`", async () => {
  simulator.jobs.create("resumed", [{ message: "first" }, { message: "second" }]);
  const begun = await readUntil(await stream("resumed"), "second");
  const [, id] = /^id: (.+)$/m.exec(begun) ?? [];
  simulator.jobs.add("resumed", [{ message: "third" }]);
  const resumed = await readUntil(await stream("resumed", { "last-event-id": id ?? "" }), "third");
  expect(resumed).not.toContain("second");
});

test("a stream that ended with a final error is not resumed", async () => {
  const ended = await stream("no-such-job");
  const text = await ended.body.text();
  expect(text).toContain("TRAINING_JOB_NOT_FOUND");
  const ids = [...text.matchAll(/^id: (.+)$/gm)].map(([, id]) => id ?? "");
  const again = await stream("no-such-job", { "last-event-id": ids.at(-1) ?? "" });
  expect(again.statusCode).toBe(204);
  await again.body.dump();
});

test("one caller's connections are limited, and others still get theirs", async () => {
  const mine = { "x-auth-token": "mine" };
  const open = [await stream("empty", mine), await stream("empty", mine)];
  const refused = await stream("empty", mine);
  expect(refused.statusCode).toBe(429);
  expect(await refused.body.json()).toMatchObject({
    errors: [{ extensions: { code: "RATE_LIMITED", retryable: true } }],
  });
  const other = await stream("empty", { "x-auth-token": "other" });
  expect(other.statusCode).toBe(200);
  for (const { body } of [...open, other]) body.destroy();
});

test("a shutdown ends streams of both protocols with a retryable result", async () => {
  simulator.jobs.create("ending", [{ message: "first" }]);
  const leaving = await startGateway(settings());
  const clients = [wsClient(leaving.url), sseClient(leaving.url)];
  const followers = clients.map((client) => new Follower(client, { id: "ending", last: 1 }));
  await eventually(() => followers.every(({ messages }) => messages.length === 1));
  leaving.signal("SIGTERM");
  await leaving.ended;
  await eventually(() => followers.every(({ failure }) => failure !== null));
  for (const { errors, isComplete } of followers) {
    expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } }]);
    expect(isComplete).toBe(false);
  }
  for (const client of clients) await client.close();
});

test.each(CLIENTS)(
  "a query over %s in flight at a shutdown is answered, and subscriptions end before",
  async (_name, connect) => {
    const upstream = await startScriptedUpstream();
    let answer = (): void => undefined;
    const gate = new Promise<void>((resolve) => (answer = resolve));
    const empty = json(200, { total: 0, events: [] });
    const held = after(gate, empty);
    upstream.script((response) => {
      const reply = response.req.url?.includes("/slow/") ? held : empty;
      reply(response);
    });
    // With these limits, nothing is cut within the time of a test.
    const leaving = await startGateway({
      ...settings(),
      MODELARTS_ENDPOINT: upstream.endpoint,
      LIVE_CONNECTIONS_PER_CALLER_MAX: "10",
      UPSTREAM_TIMEOUT_MS: "300000",
      REQUEST_TIMEOUT_MS: "600000",
      SHUTDOWN_GRACE_MS: "600000",
    });
    const codes: number[] = [];
    const options = { onClosed: (code: number) => codes.push(code) };
    const [client, other] = [connect(leaving.url, options), connect(leaving.url)];
    const query = new Follower(client, {}, '{ trainingJob(id: "slow") { events(first: 1) { totalCount } } }');
    const followers = [client, other].map((each) => new Follower(each, { id: "followed", last: 1 }));
    await eventually(() => followers.every(({ results }) => results.length > 0));
    await eventually(() => upstream.requests.some(({ url }) => url.pathname.includes("/slow/")));
    leaving.signal("SIGTERM");
    await eventually(() => followers.every(({ errors }) => errors.length > 0));
    expect(query.results).toEqual([]);
    answer();
    const { exitCode } = await leaving.ended;
    await eventually(() => query.isComplete && followers.every(({ failure }) => failure !== null));
    expect(exitCode).toBe(0);
    expect(query.results).toEqual([{ data: { trainingJob: { events: { totalCount: 0 } } } }]);
    for (const { errors, isComplete } of followers) {
      expect(errors).toMatchObject([{ extensions: { code: "UPSTREAM_UNAVAILABLE", retryable: true } }]);
      expect(isComplete).toBe(false);
    }
    expect(codes).toEqual(connect === wsClient ? [1012] : []);
    for (const each of [client, other]) await each.close();
    await upstream.close();
  },
);

test("the fields of a batch's job are read for one subscription only", async () => {
  simulator.jobs.create("nested", [{ message: "first" }]);
  const query = `subscription { trainingJobEvents(id: "nested", last: 1) {
    missed isStale asOf lateEdges { cursor } edges { node { message } }
    trainingJob { id projectId events(first: 1) { totalCount } } } }`;
  const client = wsClient(gateway.url);
  const follower = new Follower(client, {}, query);
  await eventually(() => follower.batches.length === 1);
  expect(follower.batches).toEqual([
    {
      missed: 0,
      isStale: false,
      asOf: expect.stringMatching(/Z$/),
      lateEdges: [],
      edges: [{ node: { message: "first" } }],
      trainingJob: { id: "nested", projectId: "demo-project", events: { totalCount: 1 } },
    },
  ]);
  await client.close();
});
