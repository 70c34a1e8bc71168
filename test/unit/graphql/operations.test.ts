import { readdirSync, readFileSync } from "node:fs";
import { type TypedDocumentNode } from "@graphql-typed-document-node/core";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type DocumentNode, Kind, OperationTypeNode, parse, print, visit } from "graphql";
import { createPlanner } from "../../../src/graphql/plan/plan.js";
import { schema } from "../../../src/graphql/schema/schema.js";
import {
  EventCountsDocument,
  EventHistogramDocument,
  EventInContextDocument,
  EventOverviewDocument,
  EventsAroundTimeDocument,
  EventsSinceDocument,
  JobEventsPageDocument,
  NewestEventsDocument,
  OlderEventsDocument,
  OldestEventsDocument,
  ProblemsDocument,
} from "../../generated/graphql.js";
import { type Graph, startGraph } from "../../support/graph.js";

const FOLDER = new URL("../../../schema/operations/", import.meta.url);

let graph: Graph;
beforeAll(async () => {
  graph = await startGraph({ introspection: false });
});
afterAll(() => graph.apollo.stop());

async function run<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const { data, errors } = await graph.post({ query: print(document), variables });
  expect(errors).toEqual([]);
  return data as Data;
}

const TIME = { start: "2024-05-01T00:00:00Z", end: "2024-05-02T00:00:00Z" };

describe("the example operations run as they are", () => {
  test("the newest page", async () => {
    const { trainingJob } = await run(NewestEventsDocument, { id: "job" });
    expect(trainingJob?.events?.edges[0]?.node.message).toBe("Training job is running.");
    expect(graph.reads.at(-1)?.request).toMatchObject({ order: "NEWEST_FIRST", at: "start", size: 50 });
  });

  test("a page further back", async () => {
    await run(OlderEventsDocument, { id: "job", after: "cursor-1" });
    expect(graph.reads.at(-1)?.request).toMatchObject({
      at: "start",
      size: 50,
      after: { cursor: "cursor-1" },
    });
  });

  test("newer events", async () => {
    await run(EventsSinceDocument, { id: "job", before: "cursor-1" });
    expect(graph.reads.at(-1)?.request).toMatchObject({
      at: "end",
      size: 100,
      before: { cursor: "cursor-1" },
    });
  });

  test("errors and warnings", async () => {
    await run(ProblemsDocument, { id: "job", time: TIME });
    expect(graph.reads.at(-1)?.request.filter).toMatchObject({
      levels: ["WARNING", "ERROR"],
      time: { startMs: Date.parse(TIME.start), endMs: Date.parse(TIME.end) },
    });
  });

  test("the oldest page", async () => {
    await run(OldestEventsDocument, { id: "job" });
    expect(graph.reads.at(-1)?.request).toMatchObject({ order: "OLDEST_FIRST", at: "start", size: 100 });
  });

  test("a page around a time", async () => {
    await run(EventsAroundTimeDocument, { id: "job", time: TIME.start });
    expect(graph.reads.at(-1)?.request).toMatchObject({
      size: 50,
      around: { kind: "time", timeMs: Date.parse(TIME.start) },
    });
  });

  test("an event in its context", async () => {
    const { trainingJob } = await run(EventInContextDocument, { id: "job", event: "event-1" });
    expect(trainingJob?.events?.edges[0]?.node.id).toBe("event-1");
    expect(graph.reads.at(-1)?.request).toMatchObject({
      size: 50,
      around: { kind: "event", event: { cursor: "event-1", argument: "aroundEvent" } },
    });
  });

  test("a page with counts and a histogram", async () => {
    const { trainingJob } = await run(EventOverviewDocument, { id: "job", filter: { levels: ["ERROR"] } });
    expect(trainingJob?.events).toMatchObject({ totalCount: 27, countByLevel: [], histogram: [] });
  });

  test("a histogram alone", async () => {
    const { trainingJob } = await run(EventHistogramDocument, {
      id: "job",
      start: TIME.start,
      end: TIME.end,
    });
    expect(trainingJob?.events?.histogram).toEqual([]);
  });

  test("counts alone", async () => {
    const { trainingJob } = await run(EventCountsDocument, { id: "job" });
    expect(trainingJob?.events).toEqual({ totalCount: 27, countByLevel: [], countBySource: [] });
    expect(graph.reads.at(-1)?.request.size).toBe(0);
  });

  test("a component's fragment", async () => {
    const { trainingJob } = await run(JobEventsPageDocument, { id: "job", first: 10 });
    expect(trainingJob?.events?.pageInfo).toMatchObject({
      hasNextPage: true,
      startCursor: expect.anything() as unknown,
    });
    expect(graph.reads.at(-1)?.request).toMatchObject({ order: "NEWEST_FIRST", at: "start", size: 10 });
  });

  test("a component's fragment, towards newer events", async () => {
    await run(JobEventsPageDocument, { id: "job", first: null, last: 100, before: "cursor-1" });
    expect(graph.reads.at(-1)?.request).toMatchObject({
      at: "end",
      size: 100,
      before: { cursor: "cursor-1" },
    });
  });

  test("are all tested here", () => {
    // One of the files holds a fragment alone; one a subscription, which all tests of live connections send.
    expect(readdirSync(FOLDER)).toHaveLength(14);
  });
});

const documents = readdirSync(FOLDER).map((file) => parse(readFileSync(new URL(file, FOLDER), "utf8")));
const definitions = documents.flatMap((document) => document.definitions);
const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
const queries = definitions
  .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  .filter(({ operation }) => operation === OperationTypeNode.QUERY);

test("every query of the folder has a compiled plan", () => {
  const planOf = createPlanner(schema, 60);
  expect(queries.length).toBeGreaterThanOrEqual(7);
  for (const operation of queries) {
    const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] };
    const planned = planOf({ document, operation });
    expect({ name: operation.name?.value, ...planned }).toMatchObject({ plan: { operation } });
  }
});

test.each([
  ["{ trainingJob(id: $id) @include(if: true) { id } }", "directives"],
  ["{ __schema { description } }", "introspection"],
  ["{ _service { sdl } }", "federation"],
  ['{ trainingJob(id: "a") { id } __type(name: "Query") { name } }', "introspection"],
  ["query ($__proto__: ID!) { trainingJob(id: $__proto__) { id } }", "variables"],
])("%s has no plan and is counted as %s", async (query, reason) => {
  const planOf = createPlanner(schema, 60);
  const document = parse(query);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("There is no operation.");
  expect(planOf({ document, operation })).toEqual({ plan: null, reason });
  const open = await startGraph();
  await open.post({ query: query.replace("$id", '"a"'), variables: {} });
  await open.apollo.stop();
  expect(open.unplanned).toEqual([reason]);
});

describe.each(readdirSync(FOLDER))("the fields that clients need of %s", (file) => {
  const document = parse(readFileSync(new URL(file, FOLDER), "utf8"));

  test("jobs have both fields by which normalized caches identify them", () => {
    visit(document, {
      SelectionSet: ({ selections }) => {
        const names = selections.flatMap((selection) =>
          selection.kind === Kind.FIELD ? [selection.name.value] : [],
        );
        if (names.includes("events")) expect(names).toEqual(expect.arrayContaining(["id", "projectId"]));
      },
    });
  });

  test("the paging arguments are flat, as Relay's compiler and relayStylePagination need them", () => {
    visit(document, {
      Argument: ({ name }) => {
        expect(name.value).not.toBe("page");
      },
    });
  });

  test("no variable has both a default and a non-null type, which Relay's compiler refuses", () => {
    visit(document, {
      VariableDefinition: ({ type, defaultValue }) => {
        if (defaultValue !== undefined) expect(type.kind).not.toBe(Kind.NON_NULL_TYPE);
      },
    });
  });
});
