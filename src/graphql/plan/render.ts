import {
  getNamedType,
  getNullableType,
  type GraphQLEnumType,
  type GraphQLObjectType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import { RenderedRow, RenderedNode } from "../../paging/rendered-row.js";
import { collectFields, type FieldGroup, type Selecting } from "./collect-fields.js";
import { DateTime } from "../schema/types/date-time.js";

/** An object whose properties are its fields, as all below a connection are. */
type Plain = Readonly<Record<string, unknown>>;

/** Writes a part of an answer as JSON. */
export type Render = (source: Plain) => string;

/** An object's JSON: fixed texts, and between each two of them what a function writes of the object. */
type Template = { readonly fixed: string[]; readonly writers: Render[] };

/** Compiles the selections below fields of an object type whose objects are plain. */
export function compileSelections(selecting: Selecting, type: GraphQLObjectType, group: FieldGroup): Render {
  const { fixed, writers } = compileTemplate(selecting, type, group);
  return (source) => {
    let text = fixed[0] ?? "";
    for (let at = 0; at < writers.length; at += 1) {
      text += (writers[at]?.(source) ?? "") + (fixed[at + 1] ?? "");
    }
    return text;
  };
}

/**
 * The same for texts that are kept. They are joined, not added up: V8 keeps a sum as a tree, which would be walked
 * through for each answer.
 */
function compileKept(selecting: Selecting, type: GraphQLObjectType, group: FieldGroup): Render {
  const { fixed, writers } = compileTemplate(selecting, type, group);
  // One array for all calls.
  const parts = fixed.flatMap((text) => [text, ""]);
  return (source) => {
    for (let at = 0; at < writers.length; at += 1) parts[2 * at + 1] = writers[at]?.(source) ?? "";
    return parts.join("");
  };
}

function compileTemplate(selecting: Selecting, type: GraphQLObjectType, group: FieldGroup): Template {
  const template: Template = { fixed: [""], writers: [] };
  addObject(template, selecting, type, group, (source) => source);
  return template;
}

/** Adds the fields of an object; `of` finds it from the source of the whole template. */
function addObject(
  template: Template,
  selecting: Selecting,
  type: GraphQLObjectType,
  group: FieldGroup,
  of: (source: Plain) => Plain,
): void {
  let separator = "{";
  for (const [key, fields] of collectFields(selecting, type, group)) {
    addText(template, `${separator}${JSON.stringify(key)}:`);
    addField(template, selecting, type, fields, of);
    separator = ",";
  }
  addText(template, "}");
}

function addField(
  template: Template,
  selecting: Selecting,
  type: GraphQLObjectType,
  group: FieldGroup,
  of: (source: Plain) => Plain,
): void {
  const name = group[0].name.value;
  if (name === "__typename") {
    addText(template, JSON.stringify(type.name));
    return;
  }
  const field = type.getFields()[name];
  if (field === undefined) throw new Error(`${type.name} has no field ${name}.`);
  const inner = getNamedType(field.type);
  if (isObjectType(inner) && isListType(getNullableType(field.type))) {
    const write = compileList(compileKept(selecting, inner, group));
    addWriter(template, (source) => write(of(source)[name] as readonly object[]));
  } else if (isObjectType(inner)) {
    addObject(template, selecting, inner, group, (source) => of(source)[name] as Plain);
  } else if (isEnumType(inner)) {
    const texts = textsOf(inner);
    addWriter(template, (source) => texts.get(of(source)[name]) ?? "null");
  } else if (isNonNullType(field.type) && (inner.name === DateTime.name || name === "cursor")) {
    // Nothing in these has to be escaped.
    addText(template, '"');
    addWriter(template, (source) => of(source)[name] as string);
    addText(template, '"');
  } else if (type.name === "TrainingJobEvent" && name === "message") {
    addWriter(template, (source) => {
      const node = of(source);
      return node instanceof RenderedNode ? node.messageJson : writeLeaf(node[name], true);
    });
  } else {
    const isNonNull = isNonNullType(field.type);
    addWriter(template, (source) => writeLeaf(of(source)[name], isNonNull));
  }
}

/** All lists are of rows; what is written of one is kept with it, for as long as its block is. */
function compileList(write: Render): (rows: readonly object[]) => string {
  const writeRow = (row: object): string => write(row as Plain);
  return (rows) => {
    let text = "[";
    for (const row of rows) {
      text +=
        (text.length > 1 ? "," : "") + (row instanceof RenderedRow ? row.writtenBy(writeRow) : writeRow(row));
    }
    return `${text}]`;
  };
}

/** @throws Error where a value is not one of its type: that is for graphql-js to tell */
function writeLeaf(value: unknown, isNonNull: boolean): string {
  const text = JSON.stringify(value ?? null);
  if (isNonNull && text === "null") throw new TypeError("A field that is never null has no value.");
  return text;
}

function textsOf(type: GraphQLEnumType): ReadonlyMap<unknown, string> {
  return new Map(type.getValues().map(({ name, value }) => [value as unknown, JSON.stringify(name)]));
}

function addText({ fixed }: Template, text: string): void {
  fixed.push((fixed.pop() ?? "") + text);
}

function addWriter({ fixed, writers }: Template, write: Render): void {
  writers.push(write);
  fixed.push("");
}
