import { afterEach, describe, expect, test } from "@jest/globals";
import { type Graph, ONE_EVENT, startGraph } from "../../support/graph.js";

let graph: Graph;
afterEach(() => graph.apollo.stop());

const REPRESENTATIONS = `query ($r: [_Any!]!) {
  _entities(representations: $r) { ... on TrainingJob { id projectId } }
}`;

describe("trainingJob", () => {
  test("reads nothing until a field needs it", async () => {
    graph = await startGraph();
    const { data } = await graph.post({ query: '{ trainingJob(id: "job-1") { id projectId } }' });
    expect(data).toEqual({ trainingJob: { id: "job-1", projectId: "demo-project" } });
    expect(graph.reads).toEqual([]);
  });

  test("uses the named project", async () => {
    graph = await startGraph();
    await graph.post({ query: '{ trainingJob(id: "a", projectId: "b") { events { totalCount } } }' });
    expect(graph.reads.map(({ job }) => job)).toEqual([{ jobId: "a", projectId: "b" }]);
  });

  test("needs a project if the gateway has no default project", async () => {
    graph = await startGraph({ defaultProjectId: null });
    const { data, error } = await graph.post({ query: '{ trainingJob(id: "a") { id } }' });
    expect(data).toEqual({ trainingJob: null });
    expect(error.extensions).toEqual({ code: "BAD_USER_INPUT", retryable: false, argument: "projectId" });
  });

  test.each(["", "a/b", "..", "a".repeat(65), "ä", "a b", "a\n"])("refuses %j as an ID", async (id) => {
    graph = await startGraph();
    const query = "query ($id: ID!, $p: ID) { trainingJob(id: $id, projectId: $p) { id } }";
    const asJob = await graph.post({ query, variables: { id } });
    expect(asJob.error.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument: "id" });
    const asProject = await graph.post({ query, variables: { id: "a", p: id } });
    expect(asProject.error.extensions).toMatchObject({ code: "BAD_USER_INPUT", argument: "projectId" });
  });
});

describe("events", () => {
  test("shows a page as it was read", async () => {
    graph = await startGraph();
    const { data } = await graph.post({
      query: `{ trainingJob(id: "job") { events {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { id time level source levelText sourceText message } }
        nodes { id time level source levelText sourceText message }
      } } }`,
    });
    const { totalCount, pageInfo, edges, nodes } = ONE_EVENT;
    expect(data).toEqual({ trainingJob: { events: { totalCount, pageInfo, edges, nodes } } });
  });

  test("reads both shapes of arguments into page requests", async () => {
    graph = await startGraph();
    await graph.post({
      query: `{ trainingJob(id: "job") {
        none: events { totalCount }
        flat: events(order: OLDEST_FIRST, last: 3, before: "c") { totalCount }
        nested: events(
          filter: {
            levels: [ERROR, INFO], sources: [K8S], messageContains: "x"
            time: { start: "2024-05-01t12:00:00.5+08:00", end: "2024-05-02T00:00:00Z" }
          }
          page: { first: 1, after: "c" }
        ) { totalCount }
      } }`,
    });
    const none = { levels: null, sources: null, messageContains: null, time: null };
    expect(graph.reads.map(({ request }) => request)).toMatchObject([
      { filter: none, order: "NEWEST_FIRST", size: 50, at: "start", after: null, before: null },
      {
        filter: none,
        order: "OLDEST_FIRST",
        size: 3,
        at: "end",
        after: null,
        before: { cursor: "c", argument: "before" },
      },
      {
        filter: {
          levels: ["INFO", "ERROR"],
          sources: ["K8S"],
          messageContains: "x",
          time: {
            startMs: Date.parse("2024-05-01T04:00:00.500Z"),
            endMs: Date.parse("2024-05-02T00:00:00Z"),
          },
        },
        order: "NEWEST_FIRST",
        size: 1,
        at: "start",
        after: { cursor: "c", argument: "page.after" },
        before: null,
      },
    ]);
  });
});

describe('arguments that clients send for "not given"', () => {
  test.each([
    ["order: null", { order: "NEWEST_FIRST", size: 50 }],
    ['after: ""', { after: null }],
    ['page: { last: 2, before: "" }', { before: null, size: 2 }],
    [
      'filter: { time: { start: "2024-05-01T00:00:00Z", end: null } }',
      {
        filter: {
          time: { startMs: Date.parse("2024-05-01"), endMs: Date.parse("9999-12-31T23:59:59.999Z") },
        },
      },
    ],
    [
      'filter: { time: { end: "2024-05-01T00:00:00Z" } }',
      { filter: { time: { startMs: 0, endMs: Date.parse("2024-05-01") } } },
    ],
  ])("%s", async (given, request) => {
    graph = await startGraph();
    const { errors } = await graph.post({
      query: `{ trainingJob(id: "job") { events(${given}) { totalCount } } }`,
    });
    expect(errors).toEqual([]);
    expect(graph.reads).toMatchObject([{ request }]);
  });

  test("a time range without an end and a start is BAD_USER_INPUT", async () => {
    graph = await startGraph();
    const { error } = await graph.post({
      query: '{ trainingJob(id: "job") { events(filter: { time: {} }) { totalCount } } }',
    });
    expect(error.extensions).toEqual({ code: "BAD_USER_INPUT", retryable: false, argument: "filter.time" });
  });
});

describe("_entities", () => {
  const wholeKey = { __typename: "TrainingJob", id: "a", projectId: "b" };

  test("resolves the key without an upstream call", async () => {
    graph = await startGraph();
    const r = [wholeKey, { ...wholeKey, projectId: "c" }];
    const { data, errors } = await graph.post({ query: REPRESENTATIONS, variables: { r } });
    expect(errors).toEqual([]);
    expect(data).toEqual({
      _entities: [
        { id: "a", projectId: "b" },
        { id: "a", projectId: "c" },
      ],
    });
    expect(graph.reads).toEqual([]);
  });

  test("takes integers as IDs, as other fields of the type ID do", async () => {
    graph = await startGraph();
    const r = [{ __typename: "TrainingJob", id: 7, projectId: 8 }];
    const { data, errors } = await graph.post({ query: REPRESENTATIONS, variables: { r } });
    expect(errors).toEqual([]);
    expect(data).toEqual({ _entities: [{ id: "7", projectId: "8" }] });
  });

  test("with a single project also resolves an ID alone, and refuses other projects", async () => {
    graph = await startGraph({ singleProject: true });
    const r = [{ __typename: "TrainingJob", id: "a" }, wholeKey];
    const { data, errors } = await graph.post({ query: REPRESENTATIONS, variables: { r } });
    expect(data).toEqual({ _entities: [{ id: "a", projectId: "demo-project" }, null] });
    expect(errors.map(({ extensions }) => extensions)).toEqual([
      { code: "FORBIDDEN", retryable: false, argument: "representations.1.projectId" },
    ]);
    const named = await graph.post({ query: '{ trainingJob(id: "a", projectId: "b") { id } }' });
    expect(named.error.extensions).toMatchObject({ code: "FORBIDDEN", argument: "projectId" });
  });

  test.each([
    ["representations.0", 1],
    ["representations.0", "x"],
    ["representations.0", [{}]],
    ["representations.0", {}],
    ["representations.0", { __typename: "TrainingJob" }],
    ["representations.0", { __typename: "TrainingJob", id: null, projectId: "b" }],
    ["representations.0.id", { __typename: "TrainingJob", id: 1.5, projectId: "b" }],
    ["representations.0.id", { __typename: "TrainingJob", id: ["a"], projectId: "b" }],
    ["representations.0", { __typename: "Query", id: "a" }],
    ["representations.0", { __typename: "TrainingJobEvent", id: "a" }],
    ["representations.0", { __typename: "__proto__", id: "a" }],
    ["representations.0", { id: "a" }],
    ["representations.0.id", { __typename: "TrainingJob", id: "../a", projectId: "b" }],
    ["representations.0.projectId", { __typename: "TrainingJob", id: "a" }],
    ["representations.0.projectId", { __typename: "TrainingJob", id: "a", projectId: null }],
    ["representations.0.projectId", { __typename: "TrainingJob", id: "a", projectId: "" }],
    ["representations.0.projectId", { __typename: "TrainingJob", id: "a", projectId: 1.5 }],
  ])("reports %s for %j and resolves the others", async (argument, broken) => {
    graph = await startGraph();
    const r = [broken, wholeKey];
    const { data, errors } = await graph.post({ query: REPRESENTATIONS, variables: { r } });
    expect(errors.map(({ path, extensions }) => ({ path, extensions }))).toEqual([
      { path: ["_entities", 0], extensions: { code: "BAD_USER_INPUT", retryable: false, argument } },
    ]);
    expect(data).toEqual({ _entities: [null, { id: "a", projectId: "b" }] });
    expect(graph.faults).toEqual([]);
  });

  test("needs a project if the gateway has no default project", async () => {
    graph = await startGraph({ defaultProjectId: null });
    const r = [{ __typename: "TrainingJob", id: "a" }];
    const { error } = await graph.post({ query: REPRESENTATIONS, variables: { r } });
    expect(error.extensions).toMatchObject({ argument: "representations.0.projectId" });
  });
});
