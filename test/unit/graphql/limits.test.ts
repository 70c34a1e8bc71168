import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { MAX_ALIASES, MAX_DEPTH, MAX_TOKENS } from "../../../src/graphql/limits.js";
import { type Graph, startGraph } from "../../support/graph.js";

let graph: Graph;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.apollo.stop());

const times = (count: number, write: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => write(index)).join(" ");

const REFUSED = { code: "OPERATION_TOO_COMPLEX", retryable: false };

async function expectRefused(query: string): Promise<void> {
  const { status, errors, data } = await graph.post({ query });
  expect(status).toBe(400);
  expect(data).toBeUndefined();
  expect(errors.map(({ extensions }) => extensions)).toContainEqual(REFUSED);
  expect(graph.faults).toEqual([]);
}

async function expectAdmitted(query: string): Promise<void> {
  const { status, errors } = await graph.post({ query });
  expect({ status, errors }).toEqual({ status: 200, errors: [] });
}

const PAGE = `events(first: 100) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node { time level source message } } }`;

describe("depth", () => {
  /** `name` at the given depth, through types that refer to types. */
  const nested = (depth: number): string =>
    `{ __type(name: "Query") ${"{ ofType ".repeat(depth - 2)} { name } ${"}".repeat(depth - 2)} }`;

  test(`${MAX_DEPTH} levels pass and one more is refused`, async () => {
    await expectAdmitted(nested(MAX_DEPTH));
    await expectRefused(nested(MAX_DEPTH + 1));
  });

  test("levels inside fragments count", async () => {
    const fragments = times(MAX_DEPTH, (i) => `fragment F${i} on __Type { ofType { ...F${i + 1} } }`);
    await expectRefused(
      `{ __type(name: "Query") { ...F0 } } ${fragments} fragment F${MAX_DEPTH} on __Type { name }`,
    );
  });
});

describe("aliases", () => {
  test("20 full pages under aliases pass", async () => {
    await expectAdmitted(`{ ${times(20, (i) => `a${i}: trainingJob(id: "job") { ${PAGE} }`)} }`);
  });

  test(`${MAX_ALIASES} pass and one more is refused`, async () => {
    await expectAdmitted(`{ ${times(MAX_ALIASES, (i) => `a${i}: __typename`)} }`);
    await expectRefused(`{ ${times(MAX_ALIASES + 1, (i) => `a${i}: __typename`)} }`);
  });

  test("a fragment's aliases count each time that it is spread", async () => {
    const fragment = "fragment F on TrainingJob { a: id b: id c: id d: id e: id }";
    await expectAdmitted(`{ ${times(16, (i) => `j${i}: trainingJob(id: "job") { ...F }`)} } ${fragment}`);
    await expectRefused(`{ ${times(17, (i) => `j${i}: trainingJob(id: "job") { ...F }`)} } ${fragment}`);
  });

  test("fragments that double each other are measured, not expanded", async () => {
    // 2 to the power of 200 aliases: counting them one by one would not end.
    const fragments = times(200, (i) => `fragment F${i} on Query { ...F${i + 1} ... { ...F${i + 1} } }`);
    await expectRefused(`{ ...F0 } ${fragments} fragment F200 on Query { a: __typename }`);
  });

  test("each operation of a document is measured separately", async () => {
    const { errors } = await graph.post({
      query: `query A { ${times(60, (i) => `a${i}: __typename`)} } query B { ${times(60, (i) => `b${i}: __typename`)} }`,
      operationName: "A",
    });
    expect(errors).toEqual([]);
  });
});

describe("size", () => {
  test(`${MAX_TOKENS} tokens pass and one more is refused`, async () => {
    // Unknown fields: the only other tokens are two braces, and nothing runs.
    const fields = (tokens: number): string => `{ ${times(tokens - 2, (i) => `field${i}`)} }`;
    const within = await graph.post({ query: fields(MAX_TOKENS) });
    expect(new Set(within.errors.map(({ extensions }) => extensions?.code))).toEqual(
      new Set(["GRAPHQL_VALIDATION_FAILED"]),
    );
    await expectRefused(fields(MAX_TOKENS + 1));
  });

  test("a field repeated more often than graphql-js will compare", async () => {
    await expectRefused(`{ ${"__typename ".repeat(MAX_TOKENS - 10)} }`);
  });

  test.each([
    ["an open list", `{ trainingJob(id: ${"[".repeat(MAX_TOKENS - 10)}`],
    ["selections", `${"{ trainingJob ".repeat(1300)}${"}".repeat(1300)}`],
  ])("%s nested as deep as the tokens allow", async (_what, query) => {
    await expectRefused(query);
  });

  test.each([
    ["lists", `{ trainingJob(id: ${"[".repeat(1900)}${"]".repeat(1900)}) { id } }`],
    ["objects", `{ trainingJob(id: ${"{ a: ".repeat(900)}1${"}".repeat(900)}) { id } }`],
    ["types of variables", `query ($a: ${"[".repeat(1900)}Int${"]".repeat(1900)}) { __typename }`],
    ["inline fragments", `{ ${"... { ".repeat(1300)} nothing ${"}".repeat(1300)} }`],
  ])("%s nested as deep as the tokens allow are answered, not failed", async (_what, query) => {
    const { status, error } = await graph.post({ query });
    expect(status).toBe(400);
    expect(["GRAPHQL_VALIDATION_FAILED", "OPERATION_TOO_COMPLEX"]).toContain(error.extensions?.code);
    expect(graph.faults).toEqual([]);
  });
});
