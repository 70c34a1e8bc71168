import { afterEach, describe, expect, test } from "@jest/globals";
import { getIntrospectionQuery } from "graphql";
import { type Graph, startGraph } from "../../support/graph.js";

let graph: Graph;
afterEach(() => graph.apollo.stop());

/** As GraphiQL and code generators ask for it, with all that they may add. */
const FULL_INTROSPECTION = getIntrospectionQuery({
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
});

/** Mistakes that graphql-js answers with a name from the schema. */
const NEAR_MISSES = [
  { query: "{ trainingJb { id } }" },
  { query: '{ trainingJob(id: "a") { event { totalCount } } }' },
  { query: '{ trainingJob(id: "a", project: "b") { id } }' },
  { query: '{ trainingJob(id: "a") { events(order: NEWEST_FIST) { totalCount } } }' },
  { query: "{ trainingJob }" },
  { query: "query ($o: TrainingJobEventOder) { __typename }" },
  {
    query: 'query ($o: TrainingJobEventOrder!) { trainingJob(id: "a") { events(order: $o) { totalCount } } }',
    variables: { o: "NEWEST_FIST" },
  },
  {
    query:
      'query ($p: TrainingJobEventPageInput) { trainingJob(id: "a") { events(page: $p) { totalCount } } }',
    variables: { p: { frist: 1 } },
  },
];

describe("with introspection", () => {
  test("the standard query passes the limits", async () => {
    graph = await startGraph();
    const { status, errors } = await graph.post({ query: FULL_INTROSPECTION });
    expect({ status, errors }).toEqual({ status: 200, errors: [] });
  });

  test("_service returns the SDL", async () => {
    graph = await startGraph();
    const { text } = await graph.post({ query: "{ _service { sdl } }" });
    expect(text).toContain("type TrainingJob");
  });

  test("errors suggest field names", async () => {
    graph = await startGraph();
    for (const body of NEAR_MISSES) {
      const { text } = await graph.post(body);
      expect(text).toContain("Did you mean");
    }
  });
});

describe("without introspection", () => {
  test.each(["{ __schema { description } }", '{ __type(name: "Query") { name } }', "{ _service { sdl } }"])(
    "%s is refused",
    async (query) => {
      graph = await startGraph({ introspection: false });
      const { status, error } = await graph.post({ query });
      expect(status).toBe(400);
      expect(error.extensions).toEqual({
        code: "GRAPHQL_VALIDATION_FAILED",
        validationErrorCode: "INTROSPECTION_DISABLED",
        retryable: false,
      });
    },
  );

  test("_service is refused inside a fragment and under an alias", async () => {
    graph = await startGraph({ introspection: false });
    const { status, text } = await graph.post({
      query: "{ ...A } fragment A on Query { x: _service { y: sdl } }",
    });
    expect(status).toBe(400);
    expect(text).not.toContain("type TrainingJob");
  });

  test("__typename and entities still work", async () => {
    graph = await startGraph({ introspection: false });
    const query =
      '{ __typename _entities(representations: [{ __typename: "TrainingJob", id: "a", projectId: "p" }]) { __typename } }';
    const { data } = await graph.post({ query });
    expect(data).toEqual({ __typename: "Query", _entities: [{ __typename: "TrainingJob" }] });
  });

  test("no error suggests a field name", async () => {
    graph = await startGraph({ introspection: false });
    for (const body of NEAR_MISSES) {
      const { status, text } = await graph.post(body);
      expect(status).toBe(400);
      expect(text).not.toMatch(/did you mean|NEWEST_FIRST/i);
    }
  });
});
