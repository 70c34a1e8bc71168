import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Graph, startGraph } from "../../support/graph.js";

let graph: Graph;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.apollo.stop());

const events = (args: string): string => `{ trainingJob(id: "job") { events(${args}) { totalCount } } }`;
const NOON = "2024-05-01T12:00:00Z";

const argumentsOf = async (query: string, variables?: unknown): Promise<unknown[]> => {
  const { errors } = await graph.post({ query, ...(variables !== undefined && { variables }) });
  return errors.map(({ extensions }) => extensions?.["argument"]);
};

test.each<[variables: string, query: string, variables: unknown, expected: string[]]>([
  ["first", `query ($n: Int) ${events("first: $n")}`, { n: "x" }, ["first"]],
  ["page.first", `query ($n: Int) ${events("page: { first: $n }")}`, { n: 1.5 }, ["page.first"]],
  [
    "page",
    `query ($page: TrainingJobEventPageInput) ${events("page: $page")}`,
    { page: { first: "x", last: {}, after: 3 } },
    ["page.first", "page.after", "page.last"],
  ],
  [
    "filter.levels",
    `query ($filter: TrainingJobEventFilter) ${events("filter: $filter")}`,
    { filter: { levels: ["INFO", "NOPE"], time: { start: "yesterday", end: NOON } } },
    ["filter.levels", "filter.time.start"],
  ],
  [
    "a list of levels",
    `query ($l: [TrainingJobEventLevel!]) ${events("filter: { levels: $l }")}`,
    { l: ["NOPE"] },
    ["filter.levels"],
  ],
  [
    "two variables",
    `query ($a: Int, $b: String) ${events("first: $a, after: $b")}`,
    { a: true, b: {} },
    ["first", "after"],
  ],
  ["a missing id", "query ($id: ID!) { trainingJob(id: $id) { id } }", {}, ["id"]],
  ["a null id", "query ($id: ID!) { trainingJob(id: $id) { id } }", { id: null }, ["id"]],
  [
    "null for a variable with a default",
    'query ($id: ID = "job") { trainingJob(id: $id) { id } }',
    { id: null },
    ["id"],
  ],
  [
    "a representation",
    "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }",
    { r: [{}, null] },
    ["representations.1"],
  ],
  [
    "a variable in a fragment",
    'query ($n: Int) { trainingJob(id: "job") { ...Page } } fragment Page on TrainingJob { events(last: $n) { totalCount } }',
    { n: "x" },
    ["last"],
  ],
])("a variable of a wrong type names its argument: %s", async (_name, query, variables, expected) => {
  expect(await argumentsOf(query, variables)).toEqual(expected);
});

test.each([
  ["first", 'first: "x"'],
  ["page.first", "page: { first: 1.5 }"],
  ["filter.levels", "filter: { levels: [NOPE] }"],
  ["filter.time.start", `filter: { time: { start: "yesterday", end: "${NOON}" } }`],
  ["order", "order: RANDOM"],
])("a literal of a wrong type names its argument: %s", async (expected, args) => {
  expect(await argumentsOf(events(args))).toEqual([expected]);
});

test.each([
  ["an unknown field", "{ nothing }"],
  ["a syntax error", "{"],
])("%s names none", async (_what, query) => {
  expect(await argumentsOf(query)).toEqual([undefined]);
});

test("no more errors are named than reported", async () => {
  const query = `query ($l: [TrainingJobEventLevel!]) ${events("filter: { levels: $l }")}`;
  const names = await argumentsOf(query, { l: Array.from({ length: 1_000 }, () => "NOPE") });
  expect(names).toEqual([...Array.from({ length: 50 }, () => "filter.levels"), undefined]);
});
