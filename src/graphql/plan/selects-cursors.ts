import { type FieldNode, isObjectType } from "graphql";
import { collectFields, type FieldGroup, type Selecting } from "./collect-fields.js";

/** The fields of a connection below which there are cursors. */
const WITH_CURSORS = new Map([
  ["edges", { type: "TrainingJobEventEdge", cursors: ["cursor"] }],
  ["pageInfo", { type: "PageInfo", cursors: ["startCursor", "endCursor"] }],
]);

/**
 * Whether an execution would show any cursor of a connection.
 * @param fields the fields that the connection answers to
 */
export function selectsCursors(selecting: Selecting, fields: readonly FieldNode[]): boolean {
  return fieldsBelow(selecting, "TrainingJobEventConnection", fields).some((group) => {
    const known = WITH_CURSORS.get(group[0].name.value);
    if (known === undefined) return false;
    return fieldsBelow(selecting, known.type, group).some(([{ name }]) => known.cursors.includes(name.value));
  });
}

function fieldsBelow(selecting: Selecting, typeName: string, fields: readonly FieldNode[]): FieldGroup[] {
  const type = selecting.schema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`There is no object type ${typeName}.`);
  return [...collectFields(selecting, type, fields).values()];
}
