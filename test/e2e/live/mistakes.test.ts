import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { eventually } from "../../support/eventually.js";
import { ask } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { CLIENTS, Follower } from "../../support/live/live-clients.js";

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({ LOG_LEVEL: "info" });
});
afterAll(async () => {
  await gateway.stop();
});

const FIELD = `trainingJobEvents(id: "events-1", last: 1)`;
const CONDITIONS = [
  `subscription { ${FIELD} @skip(if: true) { caughtUp } }`,
  `subscription ($s: Boolean!) { ${FIELD} @include(if: $s) { caughtUp } }`,
  `subscription ($s: Boolean = true) { ... @skip(if: $s) { ${FIELD} { caughtUp } } }`,
  `subscription ($s: Boolean!) { ...Root } fragment Root on Subscription { ${FIELD} @skip(if: $s) { caughtUp } }`,
];

describe.each(CLIENTS)("%s", (_name, connect) => {
  async function follow(query: string, variables = {}): Promise<Follower> {
    const client = connect(gateway.url);
    const follower = new Follower(client, variables, query);
    await eventually(() => follower.errors.length + follower.batches.length > 0);
    await client.close();
    return follower;
  }

  test.each(CONDITIONS)("a condition at the root is a mistake of the document: %s", async (query) => {
    const { errors } = await follow(query, { s: true });
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
    expect(errors[0]?.message).toContain("at the root of a subscription");
  });

  test("a condition below the root is valid", async () => {
    const query = `subscription ($s: Boolean!) { ${FIELD} { caughtUp edges @skip(if: $s) { cursor } } }`;
    expect((await follow(query, { s: true })).batches).toEqual([{ caughtUp: true }]);
  });

  test("a document with two operations needs an operation name", async () => {
    const { errors } = await follow(`subscription A { ${FIELD} { caughtUp } } query B { __typename }`);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(["OPERATION_RESOLUTION_FAILURE"]);
  });
});

type LogLine = { msg: string; requestId?: string; caller?: string; projects?: string[]; jobs?: string[] };

/** The lines with this message about the requests with this ID. */
function linesOf(msg: string, requestId: string): LogLine[] {
  const lines = gateway
    .stdout()
    .split("\n")
    .filter((line) => line.startsWith("{"));
  return lines
    .map((line) => JSON.parse(line) as LogLine)
    .filter((line) => line.msg === msg && line.requestId === requestId);
}

test.each(CLIENTS)(
  "the log lines of a subscription and of its connection name the caller and the job: %s",
  async (name, connect) => {
    const headers = { "x-auth-token": "secret-token", "x-request-id": `logged-${name}` };
    const client = connect(gateway.url, { headers });
    const followers = ["events-1", "events-100", "events-1"].map(
      (id) => new Follower(client, { id, last: 1 }),
    );
    await eventually(() => followers.every(({ batches }) => batches.length > 0));
    const queried = new Follower(client, {}, `{ trainingJob(id: "events-101") { events { totalCount } } }`);
    await eventually(() => queried.results.length > 0);
    await client.close();
    const read = (): LogLine[] => linesOf("subscription", headers["x-request-id"]);
    await eventually(() => read().length === 3);
    const [first] = read();
    expect(first?.caller).toMatch(/^\S{16,}$/);
    const asked = { caller: first?.caller, projects: ["demo-project"] };
    expect(
      read()
        .map(({ jobs }) => jobs?.join())
        .sort(),
    ).toEqual(["events-1", "events-1", "events-100"]);
    expect(read()).toEqual(read().map(() => expect.objectContaining(asked)));
    expect(linesOf("operation", headers["x-request-id"])).toEqual([
      expect.objectContaining({ ...asked, jobs: ["events-101"] }),
    ]);
    expect(gateway.stdout()).not.toContain(headers["x-auth-token"]);
    // Each event stream is a request; all operations of graphql-ws share one.
    const requests = (): LogLine[] => linesOf("request", headers["x-request-id"]);
    await eventually(() => requests().length === (name === "graphql-sse" ? 4 : 1));
    expect(requests()).toEqual(requests().map(() => expect.objectContaining(asked)));
    const jobs = requests().flatMap((line) => line.jobs ?? []);
    expect([...new Set(jobs)].sort()).toEqual(["events-1", "events-100", "events-101"]);
  },
);

test.each(CLIENTS)("a query with an error in its result does not count as OK: %s", async (name, connect) => {
  const headers = { "x-request-id": `failed-${name}` };
  const client = connect(gateway.url, { headers });
  const follower = new Follower(client, {}, `{ trainingJob(id: "no-such-job") { events { totalCount } } }`);
  await eventually(() => follower.results.length > 0);
  await client.close();
  const code = "TRAINING_JOB_NOT_FOUND";
  expect(follower.errors.map(({ extensions }) => extensions.code)).toEqual([code]);
  await eventually(() => linesOf("operation", headers["x-request-id"]).length === 1);
  expect(linesOf("operation", headers["x-request-id"])).toEqual([expect.objectContaining({ code })]);
  const metrics = await (await request(new URL("/metrics", gateway.url))).body.text();
  expect(metrics).toContain(`graphql_operations_total{outcome="${code}"}`);
});

test("an unknown operation name is reported", async () => {
  const { body } = await request(`${gateway.url}/stream`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query: `subscription A { ${FIELD} { caughtUp } }`, operationName: "B" }),
  });
  expect(await body.text()).toContain(`"code":"OPERATION_RESOLUTION_FAILURE"`);
});

test.each(CONDITIONS)("without a live connection it is the same mistake: %s", async (query) => {
  const { status, errors } = await ask(gateway.url, query, { s: true });
  expect({ status, code: errors[0]?.extensions.code }).toEqual({
    status: 200,
    code: "GRAPHQL_VALIDATION_FAILED",
  });
});

test("no such mistake is logged as a fault of the gateway", () => {
  expect(gateway.stdout()).not.toContain(`"level":"error"`);
});
