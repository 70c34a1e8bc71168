import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import {
  buildSchema,
  graphql,
  GraphQLSchema,
  type NameNode,
  parse,
  printSchema,
  type StringValueNode,
  visit,
} from "graphql";
import { GATEWAY_ERRORS } from "../../../../src/errors.js";
import {
  clientSdl,
  entitiesOnlySdl,
  oneProjectSdl,
  schema,
  schemaFor,
  subgraphSdl,
} from "../../../../src/graphql/schema/schema.js";

const committed = (name: string): string =>
  readFileSync(new URL(`../../../../schema/${name}`, import.meta.url), "utf8");

/** The names of all types, fields, arguments and values that have no description. */
function undescribed(sdl: string): string[] {
  const found: string[] = [];
  const check = (node: { readonly name: NameNode; readonly description?: StringValueNode }): void => {
    if (!node.description?.value) found.push(node.name.value);
  };
  visit(parse(sdl), {
    ScalarTypeDefinition: check,
    ObjectTypeDefinition: check,
    InterfaceTypeDefinition: check,
    UnionTypeDefinition: check,
    EnumTypeDefinition: check,
    EnumValueDefinition: check,
    InputObjectTypeDefinition: check,
    FieldDefinition: check,
    InputValueDefinition: check,
    DirectiveDefinition: check,
  });
  return found;
}

describe("emitted schema", () => {
  test("schema/schema.graphql is what the program serves; `npm run schema` renews it", () => {
    expect(committed("schema.graphql")).toBe(subgraphSdl);
  });

  test("schema/client.graphql is what the program serves; `npm run schema` renews it", () => {
    expect(committed("client.graphql")).toBe(clientSdl);
  });

  test("every type, field, argument and enum value has a description", () => {
    expect(undescribed("type Query { field(argument: Int): E } enum E { A }")).toEqual([
      "Query",
      "field",
      "argument",
      "E",
      "A",
    ]);
    expect(undescribed(subgraphSdl)).toEqual([]);
    expect(undescribed(clientSdl)).toEqual([]);
  });

  test("every type and field of the introspection has a description", () => {
    const types = schema.toConfig();
    expect(undescribed(printSchema(new GraphQLSchema({ ...types, directives: [] })))).toEqual([]);
  });

  test("`_service { sdl }` is the emitted SDL, without federation's own types", async () => {
    const { data } = await graphql({ schema, source: "{ _service { sdl } }" });
    const { sdl } = data?.["_service"] as { sdl: string };
    expect(sdl).toBe(subgraphSdl);
    expect(sdl).not.toMatch(/GatewayErrorCode|_entities|_service|_Any|_Entity|supergraph/);
  });

  test("the other subgraph schemas are up to date; `npm run schema` renews them", async () => {
    expect(committed("one-project.graphql")).toBe(oneProjectSdl);
    expect(committed("entities-only.graphql")).toBe(entitiesOnlySdl);
    expect(entitiesOnlySdl).not.toMatch(/type (Query|Subscription|TrainingJobEventBatch)/);
    const { data } = await graphql({ schema: schemaFor(true), source: "{ _service { sdl } }" });
    expect(data).toEqual({ _service: { sdl: oneProjectSdl } });
  });

  test("the entity has one key, with the project, and PageInfo is shareable", () => {
    expect(subgraphSdl).toContain('type TrainingJob @key(fields: "id projectId") {');
    expect(oneProjectSdl).toContain('type TrainingJob @key(fields: "id") @key(fields: "id projectId") {');
    expect(subgraphSdl).toContain("type PageInfo @shareable {");
  });

  test("the client's schema is standard SDL without federation", () => {
    expect(clientSdl).not.toMatch(/@(link|key|shareable)|_entities|_service|_Any|federation__/);
    const client = buildSchema(clientSdl);
    expect(Object.keys(client.getQueryType()?.getFields() ?? {})).toEqual(["trainingJob"]);
    expect(clientSdl).toContain(
      'scalar DateTime @specifiedBy(url: "https://www.rfc-editor.org/rfc/rfc3339")',
    );
  });

  test("the error codes are those of the table, with its descriptions", () => {
    const codes = buildSchema(clientSdl).getType("GatewayErrorCode");
    const values = codes && "getValues" in codes ? codes.getValues() : [];
    expect(values.map(({ name, description }) => [name, description])).toEqual(
      Object.entries(GATEWAY_ERRORS).map(([code, { description }]) => [code, description]),
    );
  });

  test("arguments are declared in the order in which they are documented", () => {
    const names = (type: string, field: string): string[] => {
      const found = schema.getType(type);
      const fields = found && "getFields" in found ? found.getFields() : {};
      const args = fields[field];
      return args && "args" in args ? args.args.map(({ name }) => name) : [];
    };
    expect(names("Query", "trainingJob")).toEqual(["id", "projectId"]);
    expect(names("Subscription", "trainingJobEvents")).toEqual([
      "id",
      "projectId",
      "filter",
      "after",
      "last",
    ]);
    expect(names("TrainingJob", "events")).toEqual([
      "filter",
      "order",
      "page",
      "first",
      "after",
      "last",
      "before",
      "aroundTime",
      "aroundEvent",
    ]);
  });

  test("plain fields have no resolver, so that a page needs no resolver calls", () => {
    for (const name of [
      "TrainingJobEventBatch",
      "TrainingJobEventConnection",
      "TrainingJobEventEdge",
      "TrainingJobEvent",
      "PageInfo",
    ]) {
      const type = schema.getType(name);
      const fields: { readonly name: string }[] =
        type && "getFields" in type ? Object.values<{ readonly name: string }>(type.getFields()) : [];
      expect(fields.length).toBeGreaterThan(0);
      for (const field of fields) {
        // Counts beside a page are read when they are selected.
        const isCounted = ["countByLevel", "countBySource", "histogram"].includes(field.name);
        if (!isCounted) expect(field).toHaveProperty("resolve", undefined);
      }
    }
  });
});
