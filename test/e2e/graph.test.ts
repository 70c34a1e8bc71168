import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { type Simulator, startSimulator } from "../../src/simulator/server.js";
import { eventually } from "../support/eventually.js";
import { ask, askEvents, pageOf } from "../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../support/processes/gateway-process.js";

let simulator: Simulator;
let gateway: GatewayProcess;

beforeAll(async () => {
  simulator = await startSimulator();
  gateway = await startGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    UPSTREAM_RETRIES: "0",
    CACHE_HEAD_TTL_MS: "0",
    CACHE_STALE_MS: "0",
  });
});

afterEach(() => {
  expect(simulator.calls.inFlight).toBe(0);
  simulator.reset();
});

afterAll(async () => {
  await gateway.stop();
  await simulator.close();
});

test("the documented example comes through as a connection", async () => {
  const page = pageOf(await askEvents(gateway.url, { id: "documented-example", first: 10 }));
  expect(page.totalCount).toBe(27);
  expect(page.edges).toHaveLength(10);
  expect(page.nodes[0]).toEqual({
    time: "2022-11-26T08:03:41.000Z",
    level: "ERROR",
    source: "JOB",
    message: "Training job failed.",
  });
  // The source of this event is K8s in the example of the API reference.
  expect(page.nodes[9]?.source).toBe("K8S");
  expect(page.pageInfo).toEqual({
    hasNextPage: true,
    hasPreviousPage: false,
    startCursor: page.edges[0]?.cursor,
    endCursor: page.edges[9]?.cursor,
  });
  const rest = pageOf(
    await askEvents(gateway.url, { id: "documented-example", first: 100, after: page.pageInfo.endCursor }),
  );
  expect(rest.edges).toHaveLength(17);
  expect(rest.pageInfo.hasNextPage).toBe(false);
});

test("a job's own fields cause no call", async () => {
  const { data } = await ask(gateway.url, `{ trainingJob(id: "whatever") { id projectId __typename } }`);
  expect(data).toEqual({
    trainingJob: { id: "whatever", projectId: "demo-project", __typename: "TrainingJob" },
  });
  expect(simulator.calls.total).toBe(0);
});

test("filters, order and time go upstream, and several levels or sources become several logs", async () => {
  const filter = {
    levels: ["ERROR", "WARNING"],
    sources: ["TASK"],
    messageContains: "worker",
    time: { start: "2020-01-01T00:00:00Z", end: "2030-01-01T08:00:00+08:00" },
  };
  const page = pageOf(
    await askEvents(gateway.url, { id: "events-1000", order: "OLDEST_FIRST", filter, first: 100 }),
  );
  const truth = simulator.jobs
    .rows("events-1000")
    .filter(
      ({ level, source, message }) => level !== "Info" && source === "Task" && message?.includes("worker"),
    );
  expect(page.totalCount).toBe(truth.length);
  expect(page.nodes.map(({ message }) => message).sort()).toEqual(
    truth
      .slice(0, 100)
      .map(({ message }) => message)
      .sort(),
  );
  const asked = simulator.calls.list.map(({ query }) => query);
  expect(asked.map(({ level }) => level).sort()).toEqual(["Error", "Warning"]);
  for (const query of asked) {
    expect(query).toMatchObject({
      order: "asc",
      limit: "100",
      source: "Task",
      pattern: "worker",
      start_time: "1577836800000",
      end_time: "1893456000000",
    });
  }
});

test("a filter with every level and source is no filter", async () => {
  await askEvents(gateway.url, {
    id: "events-1",
    filter: { levels: ["ERROR", "WARNING", "INFO"], sources: ["TASK", "JOB", "K8S", "JOB"] },
  });
  expect(simulator.calls.list.map(({ query }) => [query["level"], query["source"]])).toEqual([
    [undefined, undefined],
  ]);
});

test("the caller's language and request ID go upstream", async () => {
  const { headers } = await askEvents(
    gateway.url,
    { id: "chinese", first: 5 },
    { "x-language": "zh-cn", "x-request-id": "front-end-7" },
  );
  expect(headers["x-request-id"]).toBe("front-end-7");
  const german = await askEvents(
    gateway.url,
    { id: "chinese", first: 5 },
    { "accept-language": "de, zh-TW;q=0.5, en;q=0.2" },
  );
  expect(german.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  const [first, second] = simulator.calls.list.map((call) => call.headers);
  expect(first).toMatchObject({ "x-language": "zh-cn", "x-request-id": "front-end-7" });
  expect(second).toMatchObject({ "x-language": "zh-cn", "x-request-id": german.headers["x-request-id"] });
});

test("unknown levels and sources are null, and null messages empty", async () => {
  const page = pageOf(await askEvents(gateway.url, { id: "odd-values", first: 100 }));
  expect(page.nodes.some(({ level }) => level === null)).toBe(true);
  expect(page.nodes.some(({ source }) => source === null)).toBe(true);
  expect(page.nodes.some(({ message }) => message === "")).toBe(true);
});

test("a level or source that the schema does not know has its text", async () => {
  const query = `{
    trainingJob(id: "odd-values") {
      events(first: 8, order: OLDEST_FIRST) { nodes { level levelText source sourceText } }
    }
  }`;
  const { data } = await ask<{ trainingJob: { events: { nodes: unknown[] } } }>(gateway.url, query);
  const rows: [string | null, string | null, string | null, string | null][] = [
    ["INFO", "Info", "JOB", "Job"],
    [null, "Debug", "JOB", "Job"],
    ["INFO", "Info", null, "Volcano"],
    [null, null, "TASK", "Task"],
    ["WARNING", "Warning", null, null],
    ["INFO", "Info", "K8S", "K8S"],
    ["ERROR", "error", "K8S", "k8s"],
    [null, "", null, ""],
  ];
  expect(data?.trainingJob.events.nodes).toEqual(
    rows.map(([level, levelText, source, sourceText]) => ({ level, levelText, source, sourceText })),
  );
});

test.each([
  ["total, limit and offset as strings", { numbersAsStrings: true }],
  ["times in another zone", { utcOffset: "-03:30" }],
  ["times in UTC", { utcOffset: "Z" }],
  ["page offsets", { pageOffsets: true }],
] as const)("an upstream that writes %s gives the same events", async (_name, switches) => {
  const expected = pageOf(await askEvents(gateway.url, { id: "events-101", first: 100 }));
  simulator.set(switches);
  const own = await startGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
  });
  try {
    expect(pageOf(await askEvents(own.url, { id: "events-101", first: 100 }))).toEqual(expected);
  } finally {
    await own.stop();
  }
});

test.each(["array", "null", "absent"] as const)(
  "an empty log, with events %s, is an empty page",
  async (emptyEvents) => {
    simulator.set({ emptyEvents });
    const page = pageOf(await askEvents(gateway.url, { id: "empty" }));
    expect(page).toEqual({
      totalCount: 0,
      edges: [],
      nodes: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  },
);

describe("a failing upstream", () => {
  test("nulls only `events`; the other aliases have answers", async () => {
    const { status, data, errors } = await ask<Record<string, { events: unknown }>>(
      gateway.url,
      `{ gone: trainingJob(id: "gone") { id events { totalCount } } here: trainingJob(id: "events-1") { events { totalCount } } }`,
    );
    expect(status).toBe(200);
    expect(data).toEqual({ gone: { id: "gone", events: null }, here: { events: { totalCount: 1 } } });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      path: ["gone", "events"],
      extensions: {
        code: "TRAINING_JOB_NOT_FOUND",
        retryable: false,
        modelArts: { errorCode: "ModelArts.2775", httpStatus: 400 },
      },
    });
  });

  test.each([
    [
      "throttles",
      { kind: "error", status: 429, code: "ModelArts.2799", headers: { "retry-after": "3" } },
      "RATE_LIMITED",
      true,
    ],
    ["fails", { kind: "error", status: 500, code: "ModelArts.0010" }, "UPSTREAM_UNAVAILABLE", true],
    ["resets the connection", { kind: "reset" }, "UPSTREAM_UNAVAILABLE", true],
    [
      "answers in HTML",
      { kind: "answer", body: "<html></html>", contentType: "text/html" },
      "UPSTREAM_INVALID_RESPONSE",
      true,
    ],
    ["cuts its answer", { kind: "damaged", how: "truncated" }, "UPSTREAM_INVALID_RESPONSE", true],
    [
      "refuses the request",
      { kind: "error", status: 400, code: "ModelArts.50004000" },
      "UPSTREAM_BAD_REQUEST",
      false,
    ],
    ["refuses the caller", { kind: "error", status: 404, code: "ModelArts.2786" }, "FORBIDDEN", false],
    ["takes too long", { kind: "error", status: 504, code: "ModelArts.4503" }, "UPSTREAM_TIMEOUT", true],
  ] as const)("that %s is a typed error", async (name, fault, code, retryable) => {
    // A job of its own: after a refusal the next call for the same job waits.
    const id = `failing-${name.replaceAll(" ", "-")}`;
    simulator.jobs.create(id);
    // Twice, since a reset on a keep-alive socket is followed by one more request on a fresh socket.
    simulator.faults.add({ fault, jobId: id, times: 2 });
    const { data, errors } = await askEvents(gateway.url, { id });
    expect(data).toEqual({ trainingJob: { events: null } });
    expect(errors.map(({ extensions }) => extensions)).toMatchObject([{ code, retryable }]);
    if (code === "RATE_LIMITED") expect(errors[0]?.extensions["retryAfterMs"]).toBe(3000);
  });
});

test("an upstream call ends when no caller waits for it any more", async () => {
  simulator.faults.add({ fault: { kind: "hang" } });
  const leave = new AbortController();
  const asked = request(gateway.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: `{ trainingJob(id: "events-1") { events { totalCount } } }` }),
    signal: leave.signal,
  });
  await eventually(() => simulator.calls.inFlight === 1);
  leave.abort();
  await expect(asked).rejects.toThrow();
  await eventually(() => simulator.calls.inFlight === 0);
});

describe("invalid input never reaches the upstream", () => {
  const events = (args: string) => `{ trainingJob(id: "events-1") { events(${args}) { totalCount } } }`;
  test.each([
    ["first: -1", "first"],
    ["first: 101", "first"],
    ["last: 101", "last"],
    ["first: 1, last: 1", "last"],
    ["page: { first: 101 }", "page.first"],
    ["page: { first: 1, last: 2 }", "page.last"],
    ['page: { first: 1 }, after: "x"', "after"],
    ["page: {}, last: 1", "last"],
    ["filter: { levels: [] }", "filter.levels"],
    ["filter: { sources: [] }", "filter.sources"],
    ['filter: { messageContains: "" }', "filter.messageContains"],
    [`filter: { messageContains: "${"x".repeat(257)}" }`, "filter.messageContains"],
    [`filter: { time: { start: "2026-01-02T00:00:00Z", end: "2026-01-01T00:00:00Z" } }`, "filter.time.start"],
  ])("%s", async (args, argument) => {
    const { errors } = await ask(gateway.url, events(args));
    expect(errors.map(({ extensions }) => extensions)).toEqual([
      { code: "BAD_USER_INPUT", retryable: false, argument },
    ]);
    expect(simulator.calls.total).toBe(0);
  });

  test.each(["../../secrets", "", "a".repeat(65), "a/b", "a%2Fb", "ü", "a b", "..", "a?b", "a\\u0000"])(
    "the ID %p",
    async (id) => {
      for (const [query, argument] of [
        [`{ trainingJob(id: "${id}") { events { totalCount } } }`, "id"],
        [`{ trainingJob(id: "ok", projectId: "${id}") { events { totalCount } } }`, "projectId"],
      ] as const) {
        const { errors } = await ask(gateway.url, query);
        expect(errors.map(({ extensions }) => extensions)).toEqual([
          { code: "BAD_USER_INPUT", retryable: false, argument },
        ]);
      }
      expect(simulator.calls.total).toBe(0);
    },
  );

  test.each([
    ["after", "nonsense", "malformed"],
    ["before", "*", "malformed"],
  ])("the cursor %s: %p", async (argument, cursor, word) => {
    const { errors } = await ask(gateway.url, events(`${argument}: "${cursor}"`));
    expect(errors[0]?.message).toContain(word);
    expect(errors[0]?.extensions).toEqual({ code: "INVALID_CURSOR", retryable: false, argument });
    expect(simulator.calls.total).toBe(0);
  });
});

test("a cursor of another job, project or filter is refused without a call", async () => {
  const { pageInfo } = pageOf(await askEvents(gateway.url, { id: "events-100", first: 5 }));
  simulator.calls.reset();
  const refusals = await Promise.all([
    askEvents(gateway.url, { id: "events-101", after: pageInfo.endCursor }),
    askEvents(gateway.url, { id: "events-100", projectId: "other", after: pageInfo.endCursor }),
    askEvents(gateway.url, { id: "events-100", filter: { levels: ["INFO"] }, after: pageInfo.endCursor }),
  ]);
  expect(refusals.map(({ errors }) => errors[0]?.extensions.code)).toEqual(Array(3).fill("INVALID_CURSOR"));
  expect(refusals.map(({ errors }) => /another (\w+)/.exec(errors[0]?.message ?? "")?.[1])).toEqual([
    "training",
    "training",
    "filter",
  ]);
  expect(simulator.calls.total).toBe(0);
});

describe("with the callers' own tokens", () => {
  let own: GatewayProcess;
  beforeAll(async () => {
    own = await startGateway({ MODELARTS_ENDPOINT: simulator.url, MODELARTS_PROJECT_ID: "demo-project" });
  });
  afterAll(() => own.stop());

  test("no token means UNAUTHENTICATED, with no upstream call and no cache read, but after the arguments", async () => {
    simulator.set({ tokens: [{ token: "secret-of-alice" }] });
    const alice = await askEvents(own.url, { id: "events-100" }, { "x-auth-token": "secret-of-alice" });
    expect(pageOf(alice).totalCount).toBe(100);
    simulator.calls.reset();
    const nobody = await askEvents(own.url, { id: "events-100" });
    expect(nobody.errors[0]?.extensions).toEqual({ code: "UNAUTHENTICATED", retryable: false });
    const wrong = await askEvents(own.url, { id: "events-100", first: 101 });
    expect(wrong.errors[0]?.extensions.code).toBe("BAD_USER_INPUT");
    expect(simulator.calls.total).toBe(0);
  });

  test("another token causes an upstream call, sees only what it may, and is never written anywhere", async () => {
    simulator.set({ tokens: [{ token: "secret-of-alice" }, { token: "secret-of-bob", jobs: ["events-1"] }] });
    await askEvents(own.url, { id: "events-101" }, { "x-auth-token": "secret-of-alice" });
    const bob = await askEvents(own.url, { id: "events-101" }, { "x-auth-token": "secret-of-bob" });
    expect(bob.errors[0]?.extensions.code).toBe("FORBIDDEN");
    const eve = await askEvents(own.url, { id: "events-101" }, { "x-auth-token": "secret-of-eve" });
    expect(eve.errors[0]?.extensions.code).toBe("UNAUTHENTICATED");
    const metrics = await (await request(new URL("/metrics", own.url))).body.text();
    for (const text of [own.stdout(), metrics, JSON.stringify([bob, eve])])
      expect(text).not.toContain("secret-of");
  });
});

test("an operation that makes more calls than the limit is ended, for any price", async () => {
  const own = await startGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    MAX_UPSTREAM_CALLS: "3",
    MODELARTS_OFFSET: "row",
    CACHE_HEAD_TTL_MS: "0",
    CACHE_SETTLED_TTL_MS: "0",
  });
  try {
    const page = pageOf(await askEvents(own.url, { id: "events-100000", order: "OLDEST_FIRST", first: 100 }));
    expect(simulator.calls.total).toBe(1);
    simulator.jobs.trim("events-100000", 60_000);
    simulator.calls.reset();
    const { errors } = await askEvents(own.url, {
      id: "events-100000",
      order: "NEWEST_FIRST",
      after: page.pageInfo.endCursor,
    });
    expect(errors[0]?.extensions.code).toBe("OPERATION_TOO_COMPLEX");
    expect(simulator.calls.total).toBeLessThanOrEqual(3);
  } finally {
    await own.stop();
  }
});

describe("the operations of a batch cost as much as one operation together", () => {
  type Answer = {
    readonly data?: { readonly _entities?: readonly unknown[] };
    readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
  };
  const postBatch = async (batch: readonly unknown[]): Promise<readonly Answer[]> => {
    const { statusCode, body } = await request(new URL("/graphql", gateway.url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(batch),
    });
    expect(statusCode).toBe(200);
    return (await body.json()) as Answer[];
  };
  const isRefused = ({ data, errors }: Answer) =>
    data === undefined && errors?.[0]?.extensions.code === "OPERATION_TOO_COMPLEX";
  const ids = (from: number, count: number) => Array.from({ length: count }, (_, i) => `job-${from + i}`);
  const events = (jobs: readonly string[], directive = "") => ({
    query: `{ ${jobs.map((id, i) => `a${i}: trainingJob(id: "${id}") { events(first: 1) { totalCount ${directive} } }`).join(" ")} }`,
  });
  const entities = (jobs: readonly string[]) => ({
    query:
      "query ($r: [_Any!]!) { _entities(representations: $r) { ... on TrainingJob { events(first: 1) { totalCount } } } }",
    variables: {
      r: jobs.map((id) => ({ __typename: "TrainingJob", id, projectId: "demo-project" })),
    },
  });
  const missing = ({ data }: Answer) =>
    data?._entities?.flatMap((entity, index) => (entity === null ? [index] : []));

  test.each([
    ["with a plan", ""],
    ["without a plan", "@include(if: true)"],
  ])("those that do not fit any more are refused before they run, %s", async (_way, directive) => {
    const batch = [
      events(ids(0, 25), directive),
      events(ids(100, 25), directive),
      events(ids(200, 5), directive),
    ];
    const answers = await postBatch(batch);
    expect(answers.map(isRefused)).toEqual([false, true, false]);
    expect(simulator.calls.total).toBeLessThanOrEqual(60);
  });

  test("equal logs count once", async () => {
    const answers = await postBatch(Array(5).fill(events(ids(300, 25))));
    expect(answers.map(isRefused)).toEqual(Array(5).fill(false));
  });

  test("lists of entities are answered up to the limit of the batch", async () => {
    const answers = await postBatch([entities(ids(400, 20)), entities(ids(500, 12)), entities(ids(600, 2))]);
    expect(answers.map(missing)).toEqual([[], [10, 11], [0, 1]]);
  });
});
