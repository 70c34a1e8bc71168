import { expect, test } from "@jest/globals";
import { type GraphQLObjectType, isObjectType } from "graphql";
import { heartbeat } from "../../../../src/graphql/live/event-batch.js";
import { isReadable, specOf } from "../../../../src/graphql/plan/field-spec.js";
import { schema } from "../../../../src/graphql/schema/schema.js";
import { VirtualJob } from "../../../support/virtual/virtual-job.js";

const page = await VirtualJob.ofLength(1).gateway().read({ first: 1 });
const [edge] = page.edges;
const place = { endCursor: null, caughtUp: true, asOfMs: 0, isStale: false, window: null };

/** Real objects of each type whose fields are plain values. */
const OBJECTS: readonly [string, object | undefined][] = [
  ["TrainingJobEventConnection", page],
  ["TrainingJobEventEdge", edge],
  ["TrainingJobEvent", edge?.node],
  ["PageInfo", page.pageInfo],
  ["TrainingJobEventBatch", heartbeat(place, { id: "job", projectId: "project" })],
];

function typeNamed(name: string): GraphQLObjectType {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`The schema has no type ${name}.`);
  return type;
}

test.each(OBJECTS)("each plain field of %s is a property of its objects", (name, object = {}) => {
  const plain = Object.values(typeNamed(name).getFields()).filter((field) => !isReadable(specOf(field)));
  const missing = plain.filter((field) => !(field.name in object));
  expect(missing.map((field) => field.name)).toEqual([]);
});
