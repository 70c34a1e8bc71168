import { type GraphQLField, type GraphQLSchema, isObjectType } from "graphql";

/** Fields that had no resolver when a planner was made for their schema. */
const fieldsWithoutResolver = new WeakSet();

/**
 * Notes the fields without a resolver. The first traced request makes Apollo Server give each field a resolver, which
 * calls the field hooks; the plans made after that must not depend on it.
 */
export function notePlainFields(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields()))
      if (field.resolve === undefined) fieldsWithoutResolver.add(field);
  }
}

/** Whether the value of a field is a property of its object. */
export function isPlainField(field: GraphQLField<unknown, unknown>): boolean {
  return field.resolve === undefined || fieldsWithoutResolver.has(field);
}
