import { readdirSync, readFileSync } from "node:fs";
import { type TypedDocumentNode } from "@graphql-typed-document-node/core";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Kind, parse, print, visit } from "graphql";
import {
  EventCountsDocument,
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
    expect(graph.reads.at(-1)?.args).toMatchObject({ order: "NEWEST_FIRST", first: 50 });
  });

  test("a page further back", async () => {
    await run(OlderEventsDocument, { id: "job", after: "cursor-1" });
    expect(graph.reads.at(-1)?.args).toMatchObject({ page: { first: 50, after: "cursor-1" } });
  });

  test("what is newer", async () => {
    await run(EventsSinceDocument, { id: "job", before: "cursor-1" });
    expect(graph.reads.at(-1)?.args).toMatchObject({ page: { last: 100, before: "cursor-1" } });
  });

  test("errors and warnings", async () => {
    await run(ProblemsDocument, { id: "job", time: TIME });
    expect(graph.reads.at(-1)?.args.filter).toMatchObject({
      levels: ["WARNING", "ERROR"],
      time: { start: new Date(TIME.start), end: new Date(TIME.end) },
    });
  });

  test("the oldest page", async () => {
    await run(OldestEventsDocument, { id: "job" });
    expect(graph.reads.at(-1)?.args).toMatchObject({ order: "OLDEST_FIRST", page: { first: 100 } });
  });

  test("counts alone", async () => {
    const { trainingJob } = await run(EventCountsDocument, { id: "job" });
    expect(trainingJob?.errors?.totalCount).toBe(27);
    expect(graph.reads.slice(-3).map(({ args }) => args.first)).toEqual([0, 0, 0]);
  });

  test("a component's fragment", async () => {
    const { trainingJob } = await run(JobEventsPageDocument, { id: "job", first: 10 });
    expect(trainingJob?.events?.pageInfo).toMatchObject({
      hasNextPage: true,
      startCursor: expect.anything() as unknown,
    });
    expect(graph.reads.at(-1)?.args).toMatchObject({ order: "NEWEST_FIRST", first: 10 });
  });

  test("a component's fragment, towards newer events", async () => {
    await run(JobEventsPageDocument, { id: "job", first: null, last: 100, before: "cursor-1" });
    expect(graph.reads.at(-1)?.args).toMatchObject({ first: null, last: 100, before: "cursor-1" });
  });

  test("are all of them", () => {
    // One of the files holds a fragment alone; one a subscription, which all tests of live connections send.
    expect(readdirSync(FOLDER)).toHaveLength(9);
  });
});

describe.each(readdirSync(FOLDER))("what clients ask of %s", (file) => {
  const document = parse(readFileSync(new URL(file, FOLDER), "utf8"));

  test("jobs have both fields that normalized caches know them by", () => {
    visit(document, {
      SelectionSet: ({ selections }) => {
        const names = selections.flatMap((selection) =>
          selection.kind === Kind.FIELD ? [selection.name.value] : [],
        );
        if (names.includes("events")) expect(names).toEqual(expect.arrayContaining(["id", "projectId"]));
      },
    });
  });

  test("no variable has both a default and a type that is not null, which Relay's compiler refuses", () => {
    visit(document, {
      VariableDefinition: ({ type, defaultValue }) => {
        if (defaultValue !== undefined) expect(type.kind).not.toBe(Kind.NON_NULL_TYPE);
      },
    });
  });
});
