import { expect, test } from "@jest/globals";
import { readManifest } from "../../../../src/graphql/trusted/manifest.js";

const text = "{ __typename }";

test("Apollo's manifest and the maps of Relay and GraphQL Code Generator mean the same", () => {
  const operations = [{ id: "a", name: "A", type: "query", body: text }];
  const apollos = { format: "apollo-persisted-query-manifest", version: 1, operations };
  for (const manifest of [apollos, { a: text }]) {
    expect(readManifest(JSON.stringify(manifest))).toEqual(new Map([["a", text]]));
  }
});

test.each([
  ["no", "is not JSON"],
  ["[]", "is not a JSON object"],
  ["{}", "lists no operation"],
  ['{ "a": 1 }', "has an operation without an ID or without a text"],
  ['{ "a": " " }', "has an operation without an ID or without a text"],
  [
    '{ "format": "apollo-persisted-query-manifest", "version": 2, "operations": [] }',
    "has a version other than 1, or no list of operations",
  ],
  [
    '{ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [{ "id": "a" }] }',
    "has an operation without an ID or without a text",
  ],
  [
    `{ "format": "apollo-persisted-query-manifest", "version": 1,
       "operations": [{ "id": "a", "body": "{ a }" }, { "id": "a", "body": "{ b }" }] }`,
    "has two operations with the same ID",
  ],
])("%s is not a manifest", (manifest, problem) => {
  expect(readManifest(manifest)).toEqual({ problem });
});
