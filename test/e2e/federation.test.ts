import { readFileSync } from "node:fs";
import { composeServices as composeWithApollo } from "@apollo/composition";
import { type ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { composeServices as composeWithGuild } from "@theguild/federation-composition";
import { federateSubgraphs, ROUTER_COMPATIBILITY_VERSION_ONE } from "@wundergraph/composition";
import { buildSchema, type FormattedExecutionResult, type GraphQLSchema, isObjectType, parse } from "graphql";
import { GatewayError } from "../../src/errors.js";
import { createApolloServer } from "../../src/graphql/apollo.js";
import { type OperationContext } from "../../src/graphql/context.js";
import { createPlanner } from "../../src/graphql/plan/plan.js";
import { schema } from "../../src/graphql/schema/schema.js";
import { type JobRef } from "../../src/paging/job.js";
import { NO_COUNTS, ONE_EVENT } from "../support/graph.js";
import { BILLING, OWNER, REGISTRY, serveSubgraph, startRouter } from "../support/supergraph.js";

const events = (file: string) => ({
  name: "events",
  typeDefs: parse(readFileSync(new URL(`../../schema/${file}.graphql`, import.meta.url), "utf8")),
});

const EVENTS = events("schema");

const SERVICES = [EVENTS, BILLING, REGISTRY].map(({ name, typeDefs }) => ({
  name,
  typeDefs,
  url: `http://${name}.invalid`,
}));

function fieldsOf(schema: GraphQLSchema, name: string): string[] {
  const type = schema.getType(name);
  return isObjectType(type) ? Object.keys(type.getFields()).sort() : [];
}

const JOB_FIELDS = ["cost", "events", "id", "owner", "projectId"];
const SUBSCRIPTION_FIELDS = ["trainingJobEvents"];
const QUERY_FIELDS = ["dearestJob", "invoices", "invoicesOf", "latestJob", "trainingJob"];

/** A subgraph that knows jobs by their ID and nothing of projects. */
const BY_ID_ALONE = {
  name: "by-id",
  typeDefs: parse(`
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
    type Query { anyJob: TrainingJob }
    type TrainingJob @key(fields: "id") { id: ID! colour: String! }
  `),
};

describe.each([
  ["schema", [EVENTS, BILLING, REGISTRY]],
  ["one-project", [events("one-project"), BY_ID_ALONE]],
  ["entities-only, beside an owner with Query.trainingJob", [events("entities-only"), OWNER]],
])("%s composes", (_name, subgraphs) => {
  const services = subgraphs.map(({ name, typeDefs }) => ({ name, typeDefs, url: `http://${name}.invalid` }));

  test("by all three composers, without an error", () => {
    expect(composeWithApollo(services).errors).toBeUndefined();
    expect(composeWithGuild(services).errors).toBeUndefined();
    const result = federateSubgraphs({
      version: ROUTER_COMPATIBILITY_VERSION_ONE,
      subgraphs: services.map(({ name, typeDefs, url }) => ({ name, url, definitions: typeDefs })),
    });
    expect(result.success ? [] : result.errors).toEqual([]);
  });

  test("by Apollo, with the sizes and costs of lists", () => {
    const supergraph = composeWithApollo(services).supergraphSdl ?? "";
    const events = /\): TrainingJobEventConnection.*$/m.exec(supergraph)?.[0] ?? "";
    expect(events).toContain("weight: 3");
    expect(events).toContain('slicingArguments: ["first", "last"]');
    expect(supergraph).toContain('slicingArguments: ["buckets"]');
  });

  test("by Apollo, with all paging arguments kept", () => {
    const api = composeWithApollo(services).schema?.toAPISchema().toGraphQLJSSchema();
    const page = api?.getType("TrainingJobEventPageInput");
    expect(page && "getFields" in page ? Object.keys(page.getFields()) : []).toEqual(
      expect.arrayContaining(["first", "after", "last", "before"]),
    );
  });
});

describe("the committed schema composes with other subgraphs", () => {
  test("by Apollo", () => {
    const { errors, schema } = composeWithApollo(SERVICES);
    expect(errors).toBeUndefined();
    const api = schema?.toAPISchema().toGraphQLJSSchema();
    expect(api && fieldsOf(api, "TrainingJob")).toEqual(JOB_FIELDS);
    expect(api && fieldsOf(api, "Query")).toEqual(QUERY_FIELDS);
    expect(api && fieldsOf(api, "Subscription")).toEqual(SUBSCRIPTION_FIELDS);
  });

  test("by The Guild", () => {
    const { errors, publicSdl } = composeWithGuild(SERVICES);
    expect(errors).toBeUndefined();
    const api = buildSchema(publicSdl ?? "");
    expect(fieldsOf(api, "TrainingJob")).toEqual(JOB_FIELDS);
    expect(fieldsOf(api, "Query")).toEqual(QUERY_FIELDS);
    expect(fieldsOf(api, "Subscription")).toEqual(SUBSCRIPTION_FIELDS);
  });

  test("by WunderGraph", () => {
    const result = federateSubgraphs({
      version: ROUTER_COMPATIBILITY_VERSION_ONE,
      subgraphs: SERVICES.map(({ name, typeDefs, url }) => ({ name, url, definitions: typeDefs })),
    });
    expect(result.success ? [] : result.errors).toEqual([]);
    const api = result.success ? result.federatedGraphClientSchema : buildSchema("type Query { a: Int }");
    expect(fieldsOf(api, "TrainingJob")).toEqual(JOB_FIELDS);
    expect(fieldsOf(api, "Query")).toEqual(QUERY_FIELDS);
    expect(fieldsOf(api, "Subscription")).toEqual(SUBSCRIPTION_FIELDS);
  });

  test("a PageInfo that is not shareable would not", () => {
    const unshared = SERVICES.map((service) => ({
      ...service,
      typeDefs: parse(serviceText(service.name).replaceAll("PageInfo @shareable", "PageInfo")),
    }));
    expect(
      composeWithApollo(unshared)
        .errors?.map(({ message }) => message)
        .join(),
    ).toContain("PageInfo");
  });
});

function serviceText(name: string): string {
  const text = SERVICES.find((service) => service.name === name)?.typeDefs.loc?.source.body;
  if (text === undefined) throw new Error(`${name} has no text.`);
  return text;
}

describe("through a router, over HTTP", () => {
  let stopAll: (() => Promise<unknown>)[] = [];
  let router: ApolloServer;
  let readEvents: OperationContext["readEvents"];

  beforeAll(async () => {
    const silent = () => undefined;
    const gateway = createApolloServer({
      schema,
      introspection: false,
      trusted: null,
      maxUpstreamCalls: 60,
      planOf: createPlanner(schema, 60),
      logger: { debug: silent, info: silent, warn: silent, error: silent },
      onFault: silent,
      onUnplanned: silent,
    });
    const { url } = await startStandaloneServer(gateway, {
      listen: { port: 0, host: "127.0.0.1" },
      context: () =>
        Promise.resolve({
          requestId: "test",
          language: null,
          seal: () => null,
          jobs: () => [],
          freshForMs: () => 0,
          authorizedUntilMs: Infinity,
          viewer: () => "test",
          cache: { reads: [], isShown: false },
          defaultProjectId: "demo-project",
          singleProject: false,
          counts: NO_COUNTS,
          readEvents: (job, request, needs) => readEvents(job, request, needs),
        }),
    });
    const billing = await serveSubgraph(BILLING);
    const registry = await serveSubgraph(REGISTRY);
    router = await startRouter([{ ...EVENTS, url }, billing, registry]);
    stopAll = [router, gateway, billing, registry].map((server) => () => server.stop());
  });

  afterAll(async () => {
    for (const stop of stopAll) await stop();
  });

  let jobs: JobRef[];
  beforeEach(() => {
    jobs = [];
    readEvents = (job) => {
      jobs.push(job);
      return Promise.resolve(ONE_EVENT);
    };
  });

  async function ask(query: string): Promise<FormattedExecutionResult> {
    const { body } = await router.executeOperation({ query });
    if (body.kind !== "single") throw new Error("The answer came in pieces.");
    return JSON.parse(JSON.stringify(body.singleResult)) as FormattedExecutionResult;
  }

  test("a job from the gateway has the other subgraphs' fields", async () => {
    const query = '{ trainingJob(id: "job", projectId: "p") { cost owner events { totalCount } } }';
    expect(await ask(query)).toEqual({
      data: { trainingJob: { cost: 3, owner: "owner of job in p", events: { totalCount: 27 } } },
    });
    expect(jobs).toEqual([{ jobId: "job", projectId: "p" }]);
  });

  test("a job with only its ID has the events of the project that its own subgraph returns", async () => {
    expect(
      await ask("{ dearestJob { projectId cost owner events(first: 1) { nodes { message } } } }"),
    ).toEqual({
      data: {
        dearestJob: {
          projectId: "project-dear",
          cost: 8,
          owner: "owner of job-dear in project-dear",
          events: { nodes: [{ message: "Training job is running." }] },
        },
      },
    });
    expect(jobs).toEqual([{ jobId: "job-dear", projectId: "project-dear" }]);
  });

  test("a job known by its ID and project has that project's events", async () => {
    expect(await ask("{ latestJob { owner cost events { totalCount } } }")).toEqual({
      data: {
        latestJob: { owner: "owner of job-late in project-late", cost: 8, events: { totalCount: 27 } },
      },
    });
    expect(jobs).toEqual([{ jobId: "job-late", projectId: "project-late" }]);
  });

  test("an error keeps its code, and the other subgraphs' fields stay", async () => {
    const details = { retryAfterMs: 1500 };
    readEvents = () => Promise.reject(new GatewayError("RATE_LIMITED", "ModelArts throttles.", details));
    const { data, errors } = await ask("{ dearestJob { cost events { totalCount } } }");
    expect(data).toEqual({ dearestJob: { cost: 8, events: null } });
    expect(errors?.map(({ message }) => message)).toEqual(["ModelArts throttles."]);
    expect(errors?.[0]?.extensions).toMatchObject({ code: "RATE_LIMITED", retryable: true, ...details });
  });

  test("arguments pass through in both forms", async () => {
    const requests: unknown[] = [];
    readEvents = (_job, given) => {
      requests.push({ ...given });
      return Promise.resolve(ONE_EVENT);
    };
    await ask(`{ trainingJob(id: "job") {
      flat: events(last: 3) { totalCount }
      nested: events(order: OLDEST_FIRST, page: { first: 2 }) { totalCount }
    } }`);
    expect(requests).toMatchObject([
      { order: "NEWEST_FIRST", at: "end", size: 3 },
      { order: "OLDEST_FIRST", at: "start", size: 2 },
    ]);
  });
});
