import { readFileSync } from "node:fs";
import { type ApolloServerPlugin } from "@apollo/server";
import { Trace } from "@apollo/usage-reporting-protobuf";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { parse } from "graphql";
import { request } from "undici";
import { type Simulator, startSimulator } from "../../src/simulator/server.js";
import { eventually } from "../support/eventually.js";
import { type Answer, ask, askEvents } from "../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../support/processes/gateway-process.js";
import { metricOf } from "../support/processes/load.js";
import { BILLING, serveSubgraph, startRouter } from "../support/supergraph.js";

const TRACED = { "apollo-federation-include-trace": "ftv1" };
const PAGE = `{ trainingJob(id: "events-101") { events(first: 2) { totalCount nodes { message } } } }`;

let simulator: Simulator;
let gateway: GatewayProcess;

beforeEach(async () => {
  simulator = await startSimulator();
  gateway = await startGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    UPSTREAM_RETRIES: "0",
    CACHE_HEAD_TTL_MS: "3600000",
  });
});

afterEach(async () => {
  await gateway.stop();
  await simulator.close();
});

function traceOf({ extensions }: Pick<Answer<unknown>, "extensions">): Trace {
  return Trace.decode(Buffer.from(String(extensions["ftv1"]), "base64"));
}

/** The parent type, the name in the answer and the type of each field, and the index of each item of a list. */
function fieldsOf(node: Trace.INode | null | undefined): string[] {
  return (node?.child ?? []).flatMap((child) => [
    child.type
      ? `${child.parentType ?? ""}.${child.responseName ?? ""}: ${child.type}`
      : `${child.index ?? 0}`,
    ...fieldsOf(child),
  ]);
}

function errorsOf(node: Trace.INode | null | undefined): Trace.IError[] {
  return [...(node?.error ?? []), ...(node?.child ?? []).flatMap(errorsOf)];
}

const PAGE_FIELDS = [
  "Query.trainingJob: TrainingJob",
  "TrainingJob.events: TrainingJobEventConnection",
  "TrainingJobEventConnection.totalCount: Int!",
  "TrainingJobEventConnection.nodes: [TrainingJobEvent!]!",
  "0",
  "TrainingJobEvent.message: String!",
  "1",
  "TrainingJobEvent.message: String!",
];

test("an answer has a trace of its resolvers only if its request asks for it", async () => {
  const traced = await ask(gateway.url, PAGE, {}, TRACED);
  expect(traced.errors).toEqual([]);
  expect(fieldsOf(traceOf(traced).root)).toEqual(PAGE_FIELDS);
  const plain = await ask(gateway.url, PAGE);
  expect(plain.extensions).toEqual({});
  expect(plain.data).toEqual(traced.data);
});

test("an answer that is kept has no trace, and a traced request does not get it", async () => {
  const kept = () => metricOf(gateway.url, 'fast_path_answers_total{way="repeat"}');
  // Only a request that is not traced is answered by the fast path.
  for (let time = 0; time < 5; time += 1) await ask(gateway.url, PAGE, {}, TRACED);
  expect(await kept()).toBe(0);
  await eventually(async () => {
    expect((await ask(gateway.url, PAGE)).extensions).toEqual({});
    return (await kept()) > 0;
  });
  const traces = [traceOf(await ask(gateway.url, PAGE, {}, TRACED))];
  traces.push(traceOf(await ask(gateway.url, PAGE, {}, TRACED)));
  for (const { root } of traces) expect(fieldsOf(root)).toEqual(PAGE_FIELDS);
  expect(traces[0]?.startTime).not.toEqual(traces[1]?.startTime);
});

test("after a traced request, other operations still have compiled plans", async () => {
  await ask(gateway.url, PAGE, {}, TRACED);
  await ask(gateway.url, `{ trainingJob(id: "events-1") { id events { nodes { time level message } } } }`);
  expect(await metricOf(gateway.url, 'graphql_unplanned_operations_total{reason="field"}')).toBe(0);
});

test("each operation of a batch has its own trace", async () => {
  const { body } = await request(gateway.url, {
    method: "POST",
    headers: { "content-type": "application/json", ...TRACED },
    body: JSON.stringify([{ query: PAGE }, { query: `{ trainingJob(id: "a") { id } }` }]),
  });
  const [page, job] = (await body.json()) as Answer<unknown>[];
  expect(page && fieldsOf(traceOf(page).root)).toEqual(PAGE_FIELDS);
  expect(job && fieldsOf(traceOf(job).root)).toEqual([
    "Query.trainingJob: TrainingJob",
    "TrainingJob.id: ID!",
  ]);
});

test("the errors of a trace are those of the answer", async () => {
  simulator.faults.add({ fault: { kind: "error", status: 503, code: "ModelArts.0001" }, times: null });
  const failed = await askEvents(gateway.url, { id: "events-101", first: 2 }, TRACED);
  const [answered] = failed.errors;
  const [traced, ...others] = errorsOf(traceOf(failed).root);
  expect(others).toEqual([]);
  expect(traced?.message).toBe(answered?.message);
  expect(JSON.parse(traced?.json ?? "")).toEqual(answered);
  expect(answered?.extensions.code).toBe("UPSTREAM_UNAVAILABLE");
});

test("an operation that does not run has a trace with its error", async () => {
  const invalid = await ask(gateway.url, "{ trainingJobs { id } }", {}, TRACED);
  const [traced] = errorsOf(traceOf(invalid).root);
  expect(JSON.parse(traced?.json ?? "")).toEqual(invalid.errors[0]);
});

test("a traced answer to a GET is not cached", async () => {
  const get = async (headers: Record<string, string>) => {
    const url = `${gateway.url}?${new URLSearchParams({ query: PAGE }).toString()}`;
    const answer = await request(url, { headers });
    await answer.body.dump();
    return answer.headers["cache-control"];
  };
  expect(await get(TRACED)).toBe("no-store");
  expect(await get({})).toMatch(/^private, max-age=/);
});

test("@apollo/gateway puts the trace into the trace of its query plan", async () => {
  const plans: Trace.IQueryPlanNode[] = [];
  const tracing: ApolloServerPlugin = {
    requestDidStart: ({ metrics }) => {
      metrics.captureTraces = true;
      return Promise.resolve({
        willSendResponse: () => {
          if (metrics.queryPlanTrace) plans.push(metrics.queryPlanTrace);
          return Promise.resolve();
        },
      });
    },
  };
  const typeDefs = parse(readFileSync(new URL("../../schema/schema.graphql", import.meta.url), "utf8"));
  const billing = await serveSubgraph(BILLING);
  const router = await startRouter([{ name: "events", typeDefs, url: gateway.url }, billing], [tracing]);
  await router.executeOperation({ query: PAGE });
  await Promise.all([router.stop(), billing.stop()]);
  const fetched = plans[0]?.fetch;
  expect(fetched).toMatchObject({ serviceName: "events", traceParsingFailed: false });
  expect(fieldsOf(fetched?.trace?.root)).toEqual(PAGE_FIELDS);
});
