import {
  getNamedType,
  getNullableType,
  type GraphQLObjectType,
  isEnumType,
  isListType,
  isObjectType,
} from "graphql";
import { Shown } from "../paging/shown.js";
import { collectFields, type FieldGroup, type Selecting } from "./collect-fields.js";
import { DateTime } from "./types/date-time.js";

/** An object whose properties are its fields, as all below a connection are. */
type Plain = Readonly<Record<string, unknown>>;

/** Writes an object as JSON, with the fields of one selection. */
export type Render = (source: Plain) => string;

/** Compiles the selections below fields of an object type whose objects are plain. */
export function compileSelections(selecting: Selecting, type: GraphQLObjectType, group: FieldGroup): Render {
  const sets = group.map(({ selectionSet }) => selectionSet);
  const starts: string[] = [];
  const writers: Render[] = [];
  for (const [key, fields] of collectFields(selecting, type, sets)) {
    starts.push(`${writers.length === 0 ? "{" : ","}${JSON.stringify(key)}:`);
    writers.push(compileField(selecting, type, fields));
  }
  return (source) => {
    const parts: string[] = [];
    for (const [at, write] of writers.entries()) parts.push(starts[at] ?? "", write(source));
    parts.push("}");
    // Joined and not added up: V8 keeps a sum as a tree, and what is kept would be walked through for each answer.
    return parts.join("");
  };
}

function compileField(selecting: Selecting, type: GraphQLObjectType, group: FieldGroup): Render {
  const name = group[0].name.value;
  if (name === "__typename") return () => JSON.stringify(type.name);
  const field = type.getFields()[name];
  if (field === undefined) throw new Error(`${type.name} has no field ${name}.`);
  const inner = getNamedType(field.type);
  if (isEnumType(inner) || inner.name === DateTime.name) return (source) => quote(source[name]);
  if (!isObjectType(inner)) return (source) => JSON.stringify(source[name]);
  const write = compileSelections(selecting, inner, group);
  if (!isListType(getNullableType(field.type))) return (source) => write(source[name] as Plain);
  // All lists are of rows; what is written of one is kept with it, for as long as its block is.
  const writeRow = (row: object): string => write(row as Plain);
  return (source) => {
    let text = "[";
    for (const row of source[name] as readonly object[]) {
      text += (text.length > 1 ? "," : "") + (row instanceof Shown ? row.writtenBy(writeRow) : writeRow(row));
    }
    return `${text}]`;
  };
}

/** A value in which nothing has to be escaped. */
function quote(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : "null";
}
