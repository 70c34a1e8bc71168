import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { Kind, parse } from "graphql";
import { checkCost } from "../../../../src/graphql/cost/operation-cost.js";
import { MAX_JOBS, MAX_ROWS } from "../../../../src/graphql/cost/root-cost.js";
import { schema } from "../../../../src/graphql/schema/schema.js";
import { type Graph, type GraphOptions, startGraph } from "../../../support/graph.js";

let graph: Graph;
afterEach(() => graph.apollo.stop());

/** How many newest pages the default of 60 calls has room for. */
const ROOM = 30;

const times = (count: number, write: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => write(index)).join(" ");

const jobs = (count: number, selection: string): string =>
  times(count, (i) => `a${i}: trainingJob(id: "job-${i}") ${selection}`);

const COUNT = "{ events { totalCount } }";

type Body = { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> };

async function expectRefused(body: Body, options: GraphOptions = {}): Promise<void> {
  graph = await startGraph(options);
  const { status, errors, data } = await graph.post(body);
  expect(status).toBe(400);
  expect(data).toBeUndefined();
  expect(errors.map(({ extensions }) => extensions)).toEqual([
    { code: "OPERATION_TOO_COMPLEX", retryable: false },
  ]);
  expect(graph.reads).toEqual([]);
}

async function expectAdmitted(body: Body, options: GraphOptions = {}): Promise<void> {
  graph = await startGraph(options);
  const { status, data } = await graph.post(body);
  expect(status).toBe(200);
  expect(data).toBeDefined();
}

/** Expects that all entities are answered but those at `refused`, each of which has an error of its own. */
async function expectPart(body: Body, refused: readonly number[], options: GraphOptions = {}): Promise<void> {
  graph = await startGraph(options);
  const { status, data, errors } = await graph.post(body);
  expect(status).toBe(200);
  expect(errors.map(({ path, extensions }) => [path, extensions])).toEqual(
    refused.map((index) => [["_entities", index], { code: "OPERATION_TOO_COMPLEX", retryable: false }]),
  );
  const { _entities: entities } = data as { readonly _entities: readonly unknown[] };
  expect(entities.flatMap((entity, index) => (entity === null ? [index] : []))).toEqual(refused);
}

describe("the newest page of each distinct log counts two calls", () => {
  test("as many jobs as the limit allows pass", () => expectAdmitted({ query: `{ ${jobs(ROOM, COUNT)} }` }));

  test("one more job is refused before any read", () =>
    expectRefused({ query: `{ ${jobs(ROOM + 1, COUNT)} }` }));

  test("the limit comes from the setting", async () => {
    const query = '{ trainingJob(id: "a") { events { totalCount } } }';
    await expectRefused({ query }, { maxUpstreamCalls: 1 });
    await graph.apollo.stop();
    await expectAdmitted({ query }, { maxUpstreamCalls: 2 });
  });

  test.each([
    ["first: 0", 1],
    ["first: 50", 2],
    ["last: 100", 2],
    ["first: 100, order: OLDEST_FIRST", 2],
    ["first: 51", 3],
    ['first: 0, after: "c"', 3],
    ['last: 5, before: "c"', 3],
    ['first: 10, aroundTime: "2024-05-01T00:00:00Z"', 3],
  ])("a page with %s counts %i calls", async (args, calls) => {
    const query = `{ trainingJob(id: "a") { events(${args}) { totalCount } } }`;
    await expectAdmitted({ query }, { maxUpstreamCalls: calls });
    await graph.apollo.stop();
    if (calls === 1) return;
    await expectRefused({ query }, { maxUpstreamCalls: calls - 1 });
  });

  test("the largest histogram fits the default, beside a page and both counts of its log", () =>
    expectAdmitted({
      query: `{ trainingJob(id: "a") { events(first: 100) {
        countByLevel { count } countBySource { count } histogram(buckets: 60) { count } nodes { id } } } }`,
    }));

  test.each(["levels: [WARNING, ERROR]", "levels: [INFO, ERROR], sources: [K8S, TASK]"])(
    "the default histogram fits the default, beside a page and both counts of %s",
    (filter) =>
      expectAdmitted({
        query: `{ trainingJob(id: "a") { events(filter: { ${filter} }, first: 50) {
          countByLevel { count } countBySource { count } histogram { count } nodes { id } } } }`,
      }),
  );

  test("each histogram of a log counts", () =>
    expectRefused({
      query: `{ trainingJob(id: "a") { events(first: 0) {
        a: histogram(buckets: 60) { count } b: histogram(buckets: 30) { count } } } }`,
    }));

  test("pages of one log count once, with any sizes, orders and cursors", () =>
    expectAdmitted({
      query: `{ trainingJob(id: "a") { ${times(40, (i) => `a${i}: events(first: ${i}) { totalCount }`)}
        ${times(40, (i) => `b${i}: events(order: OLDEST_FIRST, page: { last: ${i}, after: "c" }) { totalCount }`)} } }`,
    }));

  test("jobs without events count nothing", () => expectAdmitted({ query: `{ ${jobs(60, "{ id }")} }` }));

  test("a filter over several levels and sources is several logs", async () => {
    const filter = "filter: { levels: [INFO, ERROR], sources: [K8S, TASK] }";
    await expectAdmitted({ query: `{ ${jobs(7, `{ events(${filter}) { totalCount } }`)} }` });
    await graph.apollo.stop();
    await expectRefused({ query: `{ ${jobs(8, `{ events(${filter}) { totalCount } }`)} }` });
  });

  test("a filter of all values is no filter", () =>
    expectAdmitted({
      query: `{ ${jobs(ROOM, "{ a: events(filter: { levels: [INFO, WARNING, ERROR] }) { totalCount } events { totalCount } }")} }`,
    }));

  test("equivalent filters are one log", () =>
    expectAdmitted({
      query: `{ ${jobs(
        ROOM / 2,
        `{ a: events(filter: { levels: [INFO, ERROR] }) { totalCount }
           b: events(filter: { levels: [ERROR, INFO, ERROR], sources: null }) { totalCount } }`,
      )} }`,
    }));

  test("the same job ID in two projects is two jobs", async () => {
    const both = (count: number): string =>
      times(count, (i) => `a${i}: trainingJob(id: "j", projectId: "p${i}") ${COUNT}`);
    await expectAdmitted({ query: `{ ${both(ROOM)} }` });
    await graph.apollo.stop();
    await expectRefused({ query: `{ ${both(ROOM + 1)} }` });
  });

  test("naming the default project adds no project", () =>
    expectAdmitted({
      query: `{ ${jobs(ROOM, COUNT)} again: trainingJob(id: "job-0", projectId: "demo-project") ${COUNT} }`,
    }));

  test("different time ranges are different logs", () =>
    expectRefused({
      query: `{ trainingJob(id: "a") { ${times(
        ROOM + 1,
        (i) =>
          `a${i}: events(filter: { time: { start: "2024-05-01T00:00:${10 + i}Z", end: "2024-05-02T00:00:00Z" } }) { totalCount }`,
      )} } }`,
    }));
});

describe("representations count", () => {
  const query =
    "query ($r: [_Any!]!) { _entities(representations: $r) { ... on TrainingJob { events { totalCount } } } }";
  const representations = (count: number): unknown[] =>
    Array.from({ length: count }, (_, i) => ({
      __typename: "TrainingJob",
      id: `job-${i}`,
      projectId: "demo-project",
    }));

  test("up to the limit", () => expectAdmitted({ query, variables: { r: representations(ROOM) } }));
  test("and each one more is refused by itself", () =>
    expectPart({ query, variables: { r: representations(ROOM + 2) } }, [ROOM, ROOM + 1]));
  test("together with named jobs, which come first", () =>
    expectPart(
      {
        query: query.replace("{ _entities", `{ ${jobs(1, COUNT).replace("job-0", "other")} _entities`),
        variables: { r: representations(ROOM) },
      },
      [ROOM - 1],
    ));
  test("together with other lists, in their order", () =>
    expectPart(
      {
        query: query.replace("{ _entities", "{ a: _entities(representations: $r) { __typename } _entities"),
        variables: { r: representations(ROOM + 1) },
      },
      [ROOM],
    ));
  test("but a job whose logs other jobs have already counted is answered after refused ones", () =>
    expectPart({ query, variables: { r: [...representations(ROOM + 1), ...representations(1)] } }, [ROOM]));
  test("and all are refused if the other fields alone are too expensive", () =>
    expectRefused({
      query: query.replace(
        "{ _entities",
        `{ ${jobs(ROOM + 1, COUNT).replaceAll("job-", "other-")} _entities`,
      ),
      variables: { r: representations(1) },
    }));
  test("but not invalid ones, and each job once", () =>
    expectAdmitted({
      query,
      variables: { r: [...representations(ROOM), ...representations(ROOM), 1, "x", { __typename: "Query" }] },
    }));
});

describe("jobs that are named", () => {
  const query = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }";
  const bad = (count: number): unknown[] => Array.from({ length: count }, () => 1);
  const good = (count: number): unknown[] =>
    Array.from({ length: count }, () => ({ __typename: "TrainingJob", id: "a", projectId: "demo-project" }));

  test(`are at most ${MAX_JOBS}, valid or not`, async () => {
    await expectAdmitted({ query, variables: { r: good(MAX_JOBS) } });
    await graph.apollo.stop();
    await expectRefused({ query, variables: { r: good(MAX_JOBS + 1) } });
    await graph.apollo.stop();
    await expectRefused({ query, variables: { r: bad(MAX_JOBS + 1) } });
  });

  test("count together, so that aliases do not multiply them", () =>
    expectRefused({
      query: query.replace("_entities", "a: _entities(representations: $r) { __typename } _entities"),
      variables: { r: good(MAX_JOBS / 2 + 1) },
    }));

  test("are not checked when they are too many", () => {
    const look = jest.fn(() => "TrainingJob");
    const representation = Object.defineProperty({}, "__typename", { get: look, enumerable: true });
    const document = parse(query);
    const [operation] = document.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("There is no operation.");
    const variables = { r: Array.from({ length: 125_000 }, () => representation) };
    const candidate = {
      schema,
      document,
      operation,
      variables,
      context: graph.context,
    };
    expect(() => {
      checkCost(candidate, 60);
    }).toThrow("125000 jobs");
    expect(look).not.toHaveBeenCalled();
  });
});

describe("parts that will not run cost nothing", () => {
  test("fields that @skip or @include exclude", () =>
    expectAdmitted({
      query: `query ($no: Boolean!, $yes: Boolean = true) {
        ${jobs(40, "@include(if: $no) { events { totalCount } }")}
        ... @skip(if: $yes) { ${times(40, (i) => `b${i}: trainingJob(id: "b-${i}") ${COUNT}`)} }
        c: trainingJob(id: "c") { id ...E @include(if: false) events @skip(if: $yes) { totalCount } }
      } fragment E on TrainingJob { events { totalCount } }`,
      variables: { no: false },
    }));

  test("fields that @skip or @include include have a cost", () =>
    expectRefused({
      query: `query ($yes: Boolean!) { ${jobs(ROOM + 1, "@include(if: $yes) { events { totalCount } }")} }`,
      variables: { yes: true },
    }));

  test("fields with invalid arguments", () =>
    expectAdmitted({
      query: `{
        ${times(30, (i) => `a${i}: trainingJob(id: "a-${i}") { events(first: 101) { totalCount } }`)}
        ${times(30, (i) => `b${i}: trainingJob(id: "b/${i}") ${COUNT}`)}
        ${times(30, (i) => `c${i}: trainingJob(id: "c-${i}") { events(filter: { levels: [] }) { totalCount } }`)}
      }`,
    }));

  test("jobs without a project", () =>
    expectAdmitted({ query: `{ ${jobs(30, COUNT)} }` }, { defaultProjectId: null }));

  test("operations other than the one that is run", async () => {
    graph = await startGraph();
    const query = `query A { __typename } query B { ${jobs(ROOM + 1, COUNT)} }`;
    expect((await graph.post({ query, operationName: "A" })).status).toBe(200);
    expect((await graph.post({ query, operationName: "B" })).status).toBe(400);
  });
});

describe("fragments", () => {
  test("count at each spread, also nested and under type conditions", () =>
    expectRefused({
      query: `{ ...A ... on Query { ...A } ...B }
        fragment A on Query { ${jobs(16, "{ ...E }")} }
        fragment B on Query { ... { ${times(15, (i) => `b${i}: trainingJob(id: "b-${i}") { ... on TrainingJob { ...E } }`)} } }
        fragment E on TrainingJob { events { totalCount } }`,
    }));

  test("fields that merge count once", () =>
    expectAdmitted({
      query: `{ ...A ...B } fragment A on Query { ${jobs(ROOM, COUNT)} } fragment B on Query { ${jobs(ROOM, "{ id events { nodes { time } } }")} }`,
    }));

  test("that double each other do not take exponential time", () =>
    expectAdmitted({
      query: `{ ...F0 } ${times(150, (i) => `fragment F${i} on Query { ...F${i + 1} ... on Query { ...F${i + 1} } }`)}
        fragment F150 on Query { trainingJob(id: "a") ${COUNT} }`,
    }));
});

describe("variables", () => {
  test("make logs like literals", () =>
    expectRefused({
      query: `query ($f: TrainingJobEventFilter, $id: ID! = "x") {
        ${jobs(7, "{ events(filter: $f) { totalCount } }")} ${jobs(2, COUNT)
          .replaceAll("job-", "other-")
          .replaceAll(/a(?=\d:)/g, "b")} one: trainingJob(id: $id) ${COUNT} }`,
      variables: { f: { levels: ["INFO", "ERROR"], sources: ["JOB", "TASK"] } },
    }));

  test("of a wrong type are reported by the execution", async () => {
    graph = await startGraph();
    const { error } = await graph.post({
      query: `query ($n: Int) { ${jobs(30, "{ events(first: $n) { totalCount } }")} }`,
      variables: { n: "x" },
    });
    expect(error.extensions).toEqual({ code: "BAD_USER_INPUT", retryable: false, argument: "first" });
  });
});

describe("rows", () => {
  const query = (size: number): string =>
    `query ($r: [_Any!]!) { _entities(representations: $r) { ... on TrainingJob { events(first: ${size}) { totalCount } } } }`;
  const same = (count: number): unknown[] =>
    Array.from({ length: count }, () => ({ __typename: "TrainingJob", id: "a", projectId: "demo-project" }));

  test(`${MAX_ROWS} events in all pass and one page more is refused`, async () => {
    await expectAdmitted({ query: query(100), variables: { r: same(MAX_ROWS / 100) } });
    await graph.apollo.stop();
    await expectPart({ query: query(100), variables: { r: same(MAX_ROWS / 100 + 1) } }, [MAX_ROWS / 100]);
  });

  test("fields that merge are one page", () =>
    expectAdmitted({
      query: `${query(100).replace("}", "} ...F")} fragment F on TrainingJob { events(first: 100) { nodes { time } } }`,
      variables: { r: same(MAX_ROWS / 100) },
    }));

  test("pages without a size count as 50, empty ones as 1", async () => {
    await expectPart(
      { query: query(100).replace("(first: 100)", ""), variables: { r: same(MAX_ROWS / 50 + 1) } },
      [MAX_ROWS / 50],
    );
    await graph.apollo.stop();
    await expectRefused({ query: query(0), variables: { r: same(MAX_ROWS + 1) } });
  });
});
