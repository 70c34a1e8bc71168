import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Graph, startGraph } from "../../../support/graph.js";

let graph: Graph;
beforeEach(async () => {
  graph = await startGraph();
});
afterEach(() => graph.apollo.stop());

describe.each([
  ["a plan", ""],
  ["graphql-js", "@include(if: true)"],
])("an operation that is executed by %s", (_by, condition) => {
  const query = `query Page($first: Int = 3) {
    trainingJob(id: "job") ${condition} { events(first: $first) { totalCount nodes { message } } }
  }`;

  test.each([
    [{ first: 7 }, 7],
    [{}, 3],
    [null, 3],
  ])("accepts the variables %j", async (variables, first) => {
    const { status, errors, data } = await graph.post({ query, variables });
    expect({ status, errors }).toEqual({ status: 200, errors: [] });
    expect(data).toEqual({
      trainingJob: { events: { totalCount: 27, nodes: [{ message: "Training job is running." }] } },
    });
    expect(graph.reads).toMatchObject([{ request: { size: first } }]);
  });

  test.each([
    ["{ totalCount nodes { message } pageInfo { hasNextPage } }", false],
    ["{ edges { node { message } } }", false],
    ["{ edges { key: cursor } }", true],
    ["{ pageInfo { startCursor } }", true],
    ["{ pageInfo { ...End } }", true],
    ["{ ... on TrainingJobEventConnection { edges { node { time } } edges { cursor } } }", true],
  ])("reads a page %s with cursors: %p", async (selection, withCursors) => {
    const end = selection.includes("...End") ? "fragment End on PageInfo { endCursor }" : "";
    const events = `{ trainingJob(id: "job") ${condition} { events ${selection} } } ${end}`;
    expect((await graph.post({ query: events })).errors).toEqual([]);
    expect(graph.reads).toMatchObject([{ withCursors }]);
  });

  test("that could need too many calls is refused before it reads", async () => {
    const jobs = Array.from(
      { length: 31 },
      (_, at) => `j${at}: trainingJob(id: "job-${at}") ${condition} { events { totalCount } }`,
    );
    const { error } = await graph.post({ query: `{ ${jobs.join(" ")} }` });
    expect(error.extensions).toMatchObject({ code: "OPERATION_TOO_COMPLEX", retryable: false });
    expect(graph.reads).toEqual([]);
  });
});
