import { type GraphQLSchema, isObjectType } from "graphql";

/** What federation adds to the schema without a word about it; `Type`, `Type.field` or `Type.field.argument`. */
const DESCRIPTIONS = {
  "Query._entities":
    "The entities that these representations name, in their order. For routers of a supergraph.",
  "Query._entities.representations":
    'Key fields of each entity with its `__typename`, such as `{ __typename: "TrainingJob", id: "…" }`.',
  "Query._service": "This subgraph's own schema. For routers of a supergraph and tools that compose one.",
  _Service: "What a subgraph tells of itself.",
  "_Service.sdl": "The subgraph's schema in SDL, federation's directives included.",
  _Any: "The representation of an entity: an object with `__typename` and the fields of one of its keys.",
  _Entity: "Any type of this subgraph that other subgraphs can refer to by a key.",
  link__Import: "A name that is taken over from a linked specification, with or without another name for it.",
  link__Purpose: "What a linked specification is for.",
  federation__FieldSet: "A selection of fields, written as in a query without the outer braces.",
  federation__Scope: "The name of a scope that a caller may hold.",
} as const satisfies Readonly<Record<string, string>>;

/**
 * Describes what federation has added, for those who look the schema up by introspection. The SDL stays as it is: it
 * is written without these types, and routers bring their own.
 * @throws Error where something described is not there
 */
export function describeFederation(schema: GraphQLSchema): void {
  for (const [path, description] of Object.entries(DESCRIPTIONS)) {
    const [typeName = "", fieldName, argumentName] = path.split(".");
    const type = schema.getType(typeName);
    const field = isObjectType(type) ? type.getFields()[fieldName ?? ""] : undefined;
    const argument = field?.args.find(({ name }) => name === argumentName);
    const described = argumentName !== undefined ? argument : fieldName !== undefined ? field : type;
    if (!described) throw new Error(`The schema has no ${path}.`);
    described.description = description;
  }
}
