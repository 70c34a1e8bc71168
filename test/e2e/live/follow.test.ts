import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { askEvents, pageOf } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { CLIENTS, Follower, type LiveClient, wsClient } from "../../support/live/live-clients.js";

const HEAD_TTL_MS = 300;
const START_MS = Date.UTC(2026, 0, 5);

let simulator: Simulator;
let gateway: GatewayProcess;
beforeAll(async () => {
  simulator = await startSimulator();
  gateway = await startGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "passthrough",
    MODELARTS_PROJECT_ID: "demo-project",
    CACHE_HEAD_TTL_MS: String(HEAD_TTL_MS),
    LOG_LEVEL: "warn",
  });
});
afterAll(async () => {
  await gateway.stop();
  await simulator.close();
});

let clients: LiveClient[] = [];
beforeEach(() => {
  simulator.set({ tokens: [{ token: "mine" }], latencyMs: 0 });
  simulator.faults.clear();
  jobs += 1;
  job = `job-${jobs}`;
  written = [];
  simulator.jobs.create(job, []);
});
afterEach(async () => {
  for (const client of clients) await client.close();
  clients = [];
});

let jobs = 0;
let job = "";
let written: string[] = [];

const LEVELS = ["Info", "Warning", "Error"] as const;

function write(count: number, perSecond = 7): void {
  const events = Array.from({ length: count }, (_, index) => {
    const at = written.length + index;
    const level = LEVELS[at % LEVELS.length] ?? "Info";
    return {
      timeMs: START_MS + Math.floor(at / perSecond) * 1000,
      level,
      source: "Job",
      message: `${level} ${at}`,
    };
  });
  simulator.jobs.add(job, events);
  written.push(...events.map(({ message }) => message));
}

const MINE = { headers: { "x-auth-token": "mine" } };

function connect(
  create: (typeof CLIENTS)[number][1],
  options: Parameters<typeof wsClient>[1] = MINE,
): LiveClient {
  const client = create(gateway.url, options);
  clients.push(client);
  return client;
}

async function metric(name: string): Promise<number> {
  const text = await (await request(new URL("/metrics", gateway.url))).body.text();
  const lines = text.split("\n").filter((line) => line.startsWith(name));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

describe.each(CLIENTS)("over %s", (_protocol, create) => {
  test("history, then the events of a busy job, exactly once and in order while ModelArts sometimes fails", async () => {
    write(250);
    const [first] = pageOf(
      await askEvents(gateway.url, { id: job, order: "OLDEST_FIRST", first: 1 }, MINE.headers),
    ).edges;
    const follower = new Follower(connect(create), { id: job, after: first?.cursor });
    for (let round = 0; round < 12; round += 1) {
      write(17);
      if (round % 3 === 1) {
        simulator.faults.add({ fault: { kind: "error", status: 503 }, times: 4, jobId: job });
      }
      const batches = follower.batches.length;
      await eventually(() => follower.batches.length > batches || follower.errors.length > 0);
    }
    await eventually(() => follower.messages.length >= written.length - 1 || follower.errors.length > 0);
    expect(follower.errors).toEqual([]);
    expect(follower.messages).toEqual(written.slice(1));
    expect(follower.batches.every(({ edges }) => edges.length <= 100)).toBe(true);
    await eventually(() => follower.isCaughtUp || follower.batches.length === 0);
  });

  test("several levels at once, each in its order", async () => {
    write(90, 1);
    const filter = { levels: ["WARNING", "ERROR"] };
    const follower = new Follower(connect(create), { id: job, filter, last: 10 });
    const wanted = (): string[] => written.filter((message) => !message.startsWith("Info"));
    await eventually(() => follower.messages.length === 10);
    const from = wanted().length - 10;
    for (let round = 0; round < 4; round += 1) {
      write(9, 1);
      await eventually(() => follower.messages.length === wanted().length - from);
    }
    for (const level of ["Warning", "Error"]) {
      const ofLevel = (messages: string[]) => messages.filter((message) => message.startsWith(level));
      expect(ofLevel(follower.messages)).toEqual(ofLevel(wanted().slice(from)));
    }
    expect(follower.errors).toEqual([]);
  });

  test.each([{}, { last: null }, { after: "" }])("an empty batch is sent at the start: %j", async (given) => {
    const follower = new Follower(connect(create), { id: job, ...given });
    await eventually(() => follower.batches.length === 1);
    expect(follower.batches).toMatchObject([{ edges: [], endCursor: expect.any(String), caughtUp: true }]);
  });

  test("late events are sent to all followers, and counted if they are too old", async () => {
    write(250);
    const query = `subscription ($id: ID!) {
      trainingJobEvents(id: $id, last: 1) {
        edges { cursor node { message } } lateEdges { node { message } } missed endCursor caughtUp
      }
    }`;
    const followers = [1, 2].map(() => new Follower(connect(create), { id: job }, query));
    const late = ({ batches }: Follower): string[] =>
      batches.flatMap(({ lateEdges = [] }) => lateEdges.map(({ node }) => node.message));
    const missed = ({ batches }: Follower): number =>
      batches.reduce((sum, batch) => sum + (batch.missed ?? 0), 0);
    // After a batch at the same place, they share a follower.
    await eventually(() => followers.every(({ messages }) => messages.length === 1));
    write(1);
    await eventually(() => followers.every(({ messages }) => messages.length === 2));
    // Seven events are of one second: this one is among the newest 100.
    simulator.jobs.add(job, [{ timeMs: START_MS + 30_000, message: "late" }]);
    await eventually(() => followers.every((follower) => late(follower).length === 1));
    simulator.jobs.add(job, [{ timeMs: START_MS, message: "too late" }]);
    await eventually(() => followers.every((follower) => missed(follower) === 1));
    write(1);
    await eventually(() => followers.every(({ messages }) => messages.length === 3));
    for (const follower of followers) {
      expect(late(follower)).toEqual(["late"]);
      expect(follower.messages).toEqual(written.slice(249));
      expect(missed(follower)).toBe(1);
    }
  });

  test("it resumes after an interruption", async () => {
    write(5);
    const client = connect(create);
    const first = new Follower(client, { id: job, last: 3 });
    await eventually(() => first.messages.length === 3);
    first.stop();
    write(5);
    const second = new Follower(connect(create), { id: job, after: first.endCursor });
    await eventually(() => second.messages.length === 5);
    expect([...first.messages, ...second.messages]).toEqual(written.slice(2));
  });

  test("unsubscribing ends the call to ModelArts in flight", async () => {
    write(5);
    const client = connect(create);
    const follower = new Follower(client, { id: job, last: 1 });
    await eventually(() => follower.messages.length === 1);
    simulator.faults.add({ fault: { kind: "hang" }, times: null, jobId: job });
    await eventually(() => simulator.calls.inFlight === 1);
    follower.stop();
    await eventually(() => simulator.calls.inFlight === 0);
    await eventually(async () => (await metric("live_streams{")) === 0);
    expect(follower.errors).toEqual([]);
  });

  test("a broken socket ends the call to ModelArts in flight", async () => {
    simulator.faults.add({ fault: { kind: "hang" }, times: null, jobId: job });
    const client = create(gateway.url, MINE);
    const follower = new Follower(client, { id: job, last: 1 });
    await eventually(() => simulator.calls.inFlight === 1);
    await client.close();
    await eventually(() => simulator.calls.inFlight === 0);
    expect(follower.batches).toEqual([]);
  });

  test.each([
    [{ id: "bad id" }, "BAD_USER_INPUT", { argument: "id" }],
    [{ id: "job", projectId: "no/project" }, "BAD_USER_INPUT", { argument: "projectId" }],
    [{ id: "job", last: 101 }, "BAD_USER_INPUT", { argument: "last" }],
    [{ id: "job", last: 1, after: "EA" }, "BAD_USER_INPUT", { argument: "last" }],
    [{ id: "job", filter: { levels: [] } }, "BAD_USER_INPUT", { argument: "filter.levels" }],
    [{ id: "job", after: "nonsense" }, "INVALID_CURSOR", { argument: "after" }],
    [
      { id: "no-such-job" },
      "TRAINING_JOB_NOT_FOUND",
      { modelArts: expect.objectContaining({ httpStatus: 400 }) },
    ],
  ])("%j ends it with %s", async (variables, code, details) => {
    const follower = new Follower(connect(create), variables);
    await eventually(() => follower.errors.length > 0 || follower.failure !== null);
    expect(follower.failure).toBeNull();
    expect(follower.errors.map(({ extensions }) => extensions)).toEqual([
      { code, retryable: false, ...details },
    ]);
    await eventually(() => follower.isComplete || create === wsClient);
  });

  test("queries are also answered, with their errors", async () => {
    write(3);
    const query =
      "query($id: ID!) { trainingJob(id: $id) { events(first: 1) { totalCount nodes { message } } } }";
    const good = new Follower(connect(create), { id: job }, query);
    const bad = new Follower(connect(create), { id: "no-such-job" }, query);
    await eventually(() => good.isComplete && bad.isComplete);
    expect(good.results).toEqual([
      { data: { trainingJob: { events: { totalCount: 3, nodes: [{ message: "Error 2" }] } } } },
    ]);
    expect(bad.results).toEqual([
      {
        data: { trainingJob: { events: null } },
        errors: [expect.objectContaining({ path: ["trainingJob", "events"] })],
      },
    ]);
  });

  test.each([
    ["a mutation", "mutation { write }", "GRAPHQL_VALIDATION_FAILED"],
    ["a field that there is not", "subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"],
    ["half a document", "subscription {", "GRAPHQL_PARSE_FAILED"],
    [
      "a subscription of two fields",
      'subscription { a: trainingJobEvents(id: "a") { caughtUp } b: trainingJobEvents(id: "b") { caughtUp } }',
      "GRAPHQL_VALIDATION_FAILED",
    ],
    [
      "a document that is too long",
      `subscription { trainingJobEvents(id: "a") { ${"caughtUp ".repeat(4_000)} } }`,
      "OPERATION_TOO_COMPLEX",
    ],
    [
      "a document with too many aliases",
      `subscription { trainingJobEvents(id: "a") { ${Array.from({ length: 101 }, (_, at) => `a${at}: caughtUp`).join(" ")} } }`,
      "OPERATION_TOO_COMPLEX",
    ],
  ])("%s is refused like by POST", async (_what, query, code) => {
    const follower = new Follower(connect(create), {}, query);
    await eventually(() => follower.errors.length > 0);
    expect(follower.errors[0]?.extensions).toMatchObject({ code, retryable: false });
    expect(follower.batches).toEqual([]);
  });
});

test("tenants do not see each other's events", async () => {
  write(3);
  simulator.set({ tokens: [{ token: "mine" }, { token: "other", jobs: ["elsewhere"] }] });
  const mine = new Follower(connect(wsClient), { id: job, last: 3 });
  await eventually(() => mine.messages.length === 3);
  for (const [, create] of CLIENTS) {
    const other = new Follower(connect(create, { headers: { "x-auth-token": "other" } }), {
      id: job,
      last: 3,
    });
    const none = new Follower(connect(create, {}), { id: job, last: 3 });
    await eventually(() => other.errors.length > 0 && none.errors.length > 0);
    expect(other.errors[0]?.extensions.code).toBe("FORBIDDEN");
    expect(none.errors[0]?.extensions.code).toBe("UNAUTHENTICATED");
    expect([...other.messages, ...none.messages]).toEqual([]);
  }
  // A running stream also loses a right that is withdrawn.
  simulator.set({ tokens: [] });
  await eventually(() => mine.errors.length > 0);
  expect(mine.errors[0]?.extensions.code).toBe("UNAUTHENTICATED");
});

test.each([
  ["as headers are written", { "X-Auth-Token": "mine" }, {}],
  ["in lower case", { "x-auth-token": "mine" }, {}],
  ["and count more than headers", { "X-AUTH-TOKEN": "mine" }, { "x-auth-token": "other" }],
  ["and those without a value are ignored", { "x-auth-token": null }, { "x-auth-token": "mine" }],
  ["or stand under headers", { headers: { "X-Auth-Token": "mine" } }, {}],
])("a graphql-ws client's parameters are used as headers: %s", async (_what, connectionParams, headers) => {
  write(1);
  const follower = new Follower(connect(wsClient, { headers, connectionParams }), { id: job, last: 1 });
  await eventually(() => follower.messages.length === 1 || follower.errors.length > 0);
  expect(follower.errors).toEqual([]);
});

test("the language of connectionParams is sent to ModelArts", async () => {
  simulator.jobs.create(job, [{ message: "Created", messageZh: "已创建", source: "Job" }]);
  const connectionParams = { "x-auth-token": "mine", "X-Language": "zh-cn" };
  const follower = new Follower(connect(wsClient, { connectionParams }), { id: job, last: 1 });
  await eventually(() => follower.messages.length === 1);
  expect(follower.messages).toEqual(["已创建"]);
});

test("50 followers cause about one call in a head's lifetime", async () => {
  write(150);
  const followers = Array.from({ length: 50 }, (_, index) => {
    const create = CLIENTS[index % 2]?.[1] ?? wsClient;
    return new Follower(connect(create), { id: job, last: 1 });
  });
  await eventually(() => followers.every(({ messages }) => messages.length === 1));
  simulator.calls.reset();
  const startedMs = performance.now();
  for (let round = 1; round <= 5; round += 1) {
    write(1);
    await eventually(() => followers.every(({ messages }) => messages.length === 1 + round));
  }
  const lifetimes = (performance.now() - startedMs) / HEAD_TTL_MS;
  // A tenth of the calls without sharing, so that a slow machine does not matter.
  expect(simulator.calls.total).toBeLessThanOrEqual((followers.length / 10) * lifetimes);
  for (const { messages } of followers) expect(messages).toEqual(written.slice(149));
});
