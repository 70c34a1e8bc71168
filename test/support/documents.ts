import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const NOT_OURS = new Set(["node_modules", "dist", "coverage", ".git"]);

/** A Markdown file of the repository. */
export type Document = { readonly path: string; readonly text: string };

/** A fenced block: the words after its fence are its language and its role, such as `json answer`. */
export type Block = { readonly language: string; readonly role: string; readonly text: string };

/** The languages of blocks that test/e2e/snippets.test.ts compiles. */
export const SNIPPET_LANGUAGES: readonly string[] = ["js", "ts", "tsx"];

/** Any file of the repository, by its path from the root. */
export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** All Markdown files of the repository, by their paths from its root. */
export function allDocuments(folder = ""): Document[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : allDocuments(path);
    return entry.name.endsWith(".md") ? [{ path, text: textOf(path) }] : [];
  });
}

/** The fenced blocks of a document, in their order. */
export function blocksOf({ text }: Document): Block[] {
  return Array.from(text.matchAll(/^```(\w*) ?(.*)\n([^]*?)^```$/gm), ([, language, role, body]) => ({
    language: language ?? "",
    role: role ?? "",
    text: body ?? "",
  }));
}

/** The document without its fenced blocks. */
export function proseOf({ text }: Document): string {
  return text.replace(/^```[^]*?^```$/gm, "");
}

/** The cells of all rows of tables, headings left out. */
export function tableRows(text: string): string[][] {
  return text
    .split("\n")
    .filter((line, index, lines) => line.startsWith("|") && !/^\| *-/.test(line) && !isHeading(lines, index))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function isHeading(lines: readonly string[], index: number): boolean {
  return /^\| *-/.test(lines[index + 1] ?? "");
}
