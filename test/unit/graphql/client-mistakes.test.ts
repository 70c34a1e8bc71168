import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Graph, startGraph } from "../../support/graph.js";

let graph: Graph;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.apollo.stop());

const events = (args: string): string => `{ trainingJob(id: "job") { events(${args}) { totalCount } } }`;
const NOON = "2024-05-01T12:00:00Z";

type Mistake = readonly [what: string, body: unknown, status: number, code: string];

const MISTAKES: readonly Mistake[] = [
  ["no body", null, 400, "BAD_REQUEST"],
  ["a body that is no object", "x", 400, "BAD_REQUEST"],
  ["a batch", [{ query: "{ __typename }" }], 400, "BAD_REQUEST"],
  ["an empty batch", [], 400, "BAD_REQUEST"],
  ["no query", { variables: {} }, 400, "BAD_REQUEST"],
  ["an empty query", { query: "" }, 400, "BAD_REQUEST"],
  ["a query that is a number", { query: 3 }, 400, "BAD_REQUEST"],
  ["a query that is a parsed document", { query: { kind: "Document" } }, 400, "BAD_REQUEST"],
  ["variables in a string", { query: "{ __typename }", variables: "{}" }, 400, "BAD_REQUEST"],
  ["variables in a list", { query: "{ __typename }", variables: [1] }, 400, "BAD_REQUEST"],
  ["a name that is a number", { query: "{ __typename }", operationName: 3 }, 400, "BAD_REQUEST"],
  [
    "a persisted query of another version",
    { query: "{ __typename }", extensions: { persistedQuery: { version: 2, sha256Hash: "x" } } },
    400,
    "BAD_REQUEST",
  ],
  [
    "a persisted query that is no object",
    { query: "{ __typename }", extensions: { persistedQuery: "x" } },
    400,
    "BAD_REQUEST",
  ],
  [
    "a persisted query with a wrong hash",
    { query: "{ __typename }", extensions: { persistedQuery: { version: 1, sha256Hash: "x" } } },
    400,
    "BAD_REQUEST",
  ],
  [
    "an unknown persisted query",
    { extensions: { persistedQuery: { version: 1, sha256Hash: "x" } } },
    200,
    "PERSISTED_QUERY_NOT_FOUND",
  ],
  ["a syntax error", { query: "{" }, 400, "GRAPHQL_PARSE_FAILED"],
  ["an unknown field", { query: "{ nothing }" }, 400, "GRAPHQL_VALIDATION_FAILED"],
  ["an unknown argument", { query: events("limit: 3") }, 400, "GRAPHQL_VALIDATION_FAILED"],
  ["an unknown enum value", { query: events("order: RANDOM") }, 400, "GRAPHQL_VALIDATION_FAILED"],
  ["an unknown directive", { query: "{ ... @defer { __typename } }" }, 400, "GRAPHQL_VALIDATION_FAILED"],
  ["a missing argument", { query: "{ trainingJob { id } }" }, 400, "GRAPHQL_VALIDATION_FAILED"],
  ["no selection of fields", { query: '{ trainingJob(id: "job") }' }, 400, "GRAPHQL_VALIDATION_FAILED"],
  ["an unused fragment", { query: "fragment A on Query { __typename }" }, 400, "GRAPHQL_VALIDATION_FAILED"],
  [
    "fragments in a circle",
    { query: "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }" },
    400,
    "GRAPHQL_VALIDATION_FAILED",
  ],
  ["a mutation", { query: "mutation { write }" }, 400, "GRAPHQL_VALIDATION_FAILED"],
  [
    "a subscription",
    { query: 'subscription { trainingJobEvents(id: "job") { caughtUp } }' },
    400,
    "BAD_REQUEST",
  ],
  [
    "a mutation by its name",
    { query: "query A { __typename } mutation B { write }", operationName: "B" },
    400,
    "GRAPHQL_VALIDATION_FAILED",
  ],
  [
    "several operations and no name",
    { query: "query A { __typename } query B { __typename }" },
    400,
    "OPERATION_RESOLUTION_FAILURE",
  ],
  [
    "a name that no operation has",
    { query: "query A { __typename }", operationName: "B" },
    400,
    "OPERATION_RESOLUTION_FAILURE",
  ],
  [
    "a literal null for a required argument",
    { query: "{ trainingJob(id: null) { id } }" },
    400,
    "GRAPHQL_VALIDATION_FAILED",
  ],
  ["a literal Int of 33 bits", { query: events("first: 99999999999") }, 400, "GRAPHQL_VALIDATION_FAILED"],
  ["a literal Int that is a string", { query: events('first: "1"') }, 400, "GRAPHQL_VALIDATION_FAILED"],
  [
    "a literal DateTime of garbage",
    { query: events(`filter: { time: { start: "yesterday", end: "${NOON}" } }`) },
    400,
    "GRAPHQL_VALIDATION_FAILED",
  ],
  [
    "a literal DateTime that is a number",
    { query: events(`filter: { time: { start: 1714564800000, end: "${NOON}" } }`) },
    400,
    "GRAPHQL_VALIDATION_FAILED",
  ],
  [
    "a time range with an unknown end",
    { query: events(`filter: { time: { start: "${NOON}", until: "${NOON}" } }`) },
    400,
    "GRAPHQL_VALIDATION_FAILED",
  ],
  [
    "a missing variable",
    { query: "query ($id: ID!) { trainingJob(id: $id) { id } }" },
    400,
    "BAD_USER_INPUT",
  ],
  [
    "null in a required variable",
    { query: "query ($id: ID!) { trainingJob(id: $id) { id } }", variables: { id: null } },
    400,
    "BAD_USER_INPUT",
  ],
  [
    "an object in a variable for an ID",
    { query: "query ($id: ID!) { trainingJob(id: $id) { id } }", variables: { id: { a: 1 } } },
    400,
    "BAD_USER_INPUT",
  ],
  [
    "an Int of 33 bits in a variable",
    { query: `query ($n: Int) ${events("first: $n")}`, variables: { n: 99_999_999_999 } },
    400,
    "BAD_USER_INPUT",
  ],
  [
    "a fraction in a variable for an Int",
    { query: `query ($n: Int) ${events("first: $n")}`, variables: { n: 1.5 } },
    400,
    "BAD_USER_INPUT",
  ],
  [
    "an unknown field in a variable",
    { query: `query ($p: TrainingJobEventPageInput) ${events("page: $p")}`, variables: { p: { limit: 3 } } },
    400,
    "BAD_USER_INPUT",
  ],
  ...[
    "yesterday",
    "2024-02-30T00:00:00Z",
    "2024-05-01",
    "2024-05-01T12:00:00",
    1714564800000,
    {},
    [],
    true,
  ].map((start): Mistake => [
    `${JSON.stringify(start)} in a variable for a DateTime`,
    {
      query: `query ($t: TrainingJobEventTimeRange) ${events("filter: { time: $t }")}`,
      variables: { t: { start, end: NOON } },
    },
    400,
    "BAD_USER_INPUT",
  ]),
  [
    "a representation that is null",
    {
      query: "query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }",
      variables: { r: [null] },
    },
    400,
    "BAD_USER_INPUT",
  ],
];

/** Values of the right type that are null where null is not allowed. Validation accepts them, so only fields fail. */
const MISTAKES_IN_EXECUTION: readonly (readonly [what: string, body: unknown])[] = [
  [
    "null from a variable with a default",
    {
      query: 'query ($id: ID = "job") { trainingJob(id: $id) { id } }',
      variables: { id: null },
    },
  ],
  [
    "null from a variable inside an input object",
    {
      query: `query ($t: DateTime = "${NOON}") ${events("filter: { time: { start: $t, end: $t } }")}`,
      variables: { t: null },
    },
  ],
  [
    "null in the condition of a directive at the root",
    { query: "query ($o: Boolean = true) { __typename @include(if: $o) }", variables: { o: null } },
  ],
  [
    "null in the condition of a directive below",
    {
      query: 'query ($o: Boolean = true) { trainingJob(id: "job") { id @skip(if: $o) } }',
      variables: { o: null },
    },
  ],
  ["an ID that bends the path", { query: '{ trainingJob(id: "../job") { id } }' }],
  ["an empty project", { query: '{ trainingJob(id: "job", projectId: "") { id } }' }],
];

describe.each(["application/json", "application/graphql-response+json"])(
  "to a client that accepts %s",
  (accept) => {
    test.each(MISTAKES)("%s is answered in the protocol's own way", async (_what, body, status, code) => {
      const answer = await graph.post(body, accept);
      expect(answer.status).toBe(status);
      expect(answer.headers.get("content-type")).toBe(`${accept}; charset=utf-8`);
      expect(answer.text).not.toContain('"data"');
      for (const error of answer.errors) expect(error.extensions).toMatchObject({ code, retryable: false });
      expect(answer.errors.length).toBeGreaterThan(0);
      expect(graph.faults).toEqual([]);
    });

    test.each(MISTAKES_IN_EXECUTION)(
      "%s is a mistake of the client, not of the server",
      async (_what, body) => {
        const answer = await graph.post(body, accept);
        expect(answer.status).toBe(200);
        expect(answer.errors.map(({ extensions }) => extensions)).toEqual([
          expect.objectContaining({ code: "BAD_USER_INPUT", retryable: false }),
        ]);
        expect(graph.faults).toEqual([]);
      },
    );
  },
);

test("a mutation or a subscription by GET gets 405 with the allowed method", async () => {
  for (const query of ["mutation { write }", 'subscription { trainingJobEvents(id: "job") { caughtUp } }']) {
    const answer = await graph.get({ query });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("POST");
    expect(answer.error.extensions).toEqual({ code: "BAD_REQUEST", retryable: false });
  }
});

test.each([
  ["variables that are not JSON", { query: "{ __typename }", variables: "x" }],
  ["variables that are no object", { query: "{ __typename }", variables: "[]" }],
  ["extensions that are no object", { query: "{ __typename }", extensions: "3" }],
  ["no query", {}],
])("%s by GET is 400", async (_what, search: Record<string, string>) => {
  const answer = await graph.get(search);
  expect(answer.status).toBe(400);
  expect(answer.error.extensions).toEqual({ code: "BAD_REQUEST", retryable: false });
});

test("more invalid values than graphql-js lists are still a mistake of the client", async () => {
  const answer = await graph.post({
    query: `query ($l: [TrainingJobEventLevel!]) ${events("filter: { levels: $l }")}`,
    variables: { l: Array.from({ length: 60 }, () => "LOUD") },
  });
  expect(answer.status).toBe(400);
  expect(new Set(answer.errors.map(({ extensions }) => extensions?.code))).toEqual(
    new Set(["BAD_USER_INPUT"]),
  );
  expect(answer.errors.at(-1)?.message).toContain("Too many errors");
});
