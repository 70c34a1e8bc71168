import {
  getNamedType,
  getNullableType,
  type GraphQLObjectType,
  isEnumType,
  isListType,
  isObjectType,
} from "graphql";
import { collectFields, type FieldGroup, type Selecting } from "./collect-fields.js";
import { DateTime } from "./types/date-time.js";

/** An object whose properties are its fields, as all below a connection are. */
type Plain = Readonly<Record<string, unknown>>;

/** Writes an object as JSON, with the fields of one selection. */
export type Render = (source: Plain) => string;

/** Compiles the selections below fields of an object type whose objects are plain. */
export function compileSelections(selecting: Selecting, type: GraphQLObjectType, group: FieldGroup): Render {
  const sets = group.map(({ selectionSet }) => selectionSet);
  const writers = [...collectFields(selecting, type, sets)].map(([key, fields], index): Render => {
    const start = `${index === 0 ? "" : ","}${JSON.stringify(key)}:`;
    const write = compileField(selecting, type, fields);
    return (source) => start + write(source);
  });
  return (source) => {
    let text = "{";
    for (const write of writers) text += write(source);
    return `${text}}`;
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
  const writeRow = remember(write);
  return (source) => {
    let text = "[";
    for (const row of source[name] as readonly Plain[]) text += (text.length > 1 ? "," : "") + writeRow(row);
    return `${text}]`;
  };
}

/** A value in which nothing has to be escaped. */
function quote(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : "null";
}

/** Rows are kept as long as their block; what was written of one is kept with it. */
function remember(write: Render): Render {
  const texts = new WeakMap<Plain, string>();
  return (source) => {
    const known = texts.get(source);
    if (known !== undefined) return known;
    const text = write(source);
    texts.set(source, text);
    return text;
  };
}
