import { type GraphQLEnumType } from "graphql";
import { RenderedRow } from "../../paging/rendered-row.js";

/** An object whose properties are its fields. */
export type Plain = Readonly<Record<string, unknown>>;

/** Writes a part of an answer as JSON. */
export type Render = (source: unknown) => string;

/** The JSON of an object: fixed texts, with the output of one writer between each two of them. */
export type Template = { readonly fixed: string[]; readonly writers: Render[] };

export function newTemplate(): Template {
  return { fixed: [""], writers: [] };
}

export function addText({ fixed }: Template, text: string): void {
  fixed.push((fixed.pop() ?? "") + text);
}

export function addWriter({ fixed, writers }: Template, write: Render): void {
  writers.push(write);
  fixed.push("");
}

/** Makes a writer from a complete template. */
export function renderOf({ fixed, writers }: Template): Render {
  return (source) => {
    let text = fixed[0] ?? "";
    for (let at = 0; at < writers.length; at += 1) {
      text += (writers[at]?.(source) ?? "") + (fixed[at + 1] ?? "");
    }
    return text;
  };
}

/**
 * Makes a writer for texts that are kept. It joins the parts instead of adding them, because V8 keeps a sum of strings
 * as a tree and would traverse it for each answer.
 */
export function keptRender({ fixed, writers }: Template): Render {
  // All calls share one array.
  const parts = fixed.flatMap((text) => [text, ""]);
  return (source) => {
    for (let at = 0; at < writers.length; at += 1) parts[2 * at + 1] = writers[at]?.(source) ?? "";
    return parts.join("");
  };
}

/** Writes a list. The text of a page's row is kept with the row while its block is kept. */
export function listWriter(
  write: Render,
): (rows: readonly object[] | null | undefined, isNonNull: boolean) => string {
  const writeRow = (row: object): string => write(row);
  return (rows, isNonNull) => {
    if (rows === null || rows === undefined) return writeLeaf(null, isNonNull);
    let text = "[";
    for (const row of rows) {
      text +=
        (text.length > 1 ? "," : "") + (row instanceof RenderedRow ? row.writtenBy(writeRow) : writeRow(row));
    }
    return `${text}]`;
  };
}

/** @throws TypeError if a value does not fit its type; graphql-js reports it */
export function writeLeaf(value: unknown, isNonNull: boolean): string {
  const text = JSON.stringify(value ?? null);
  if (isNonNull && text === "null") throw new TypeError("A non-null field has no value.");
  return text;
}

export function enumWriter(type: GraphQLEnumType): Render {
  const texts = new Map(type.getValues().map(({ name, value }) => [value as unknown, JSON.stringify(name)]));
  return (value) => texts.get(value) ?? "null";
}
