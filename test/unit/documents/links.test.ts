import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { allDocuments, type Document, proseOf, ROOT, textOf } from "../../support/documents.js";

const documents = allDocuments();
const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };

/** The anchors that GitHub gives to a document's headings. */
function anchorsOf(document: Document): string[] {
  return Array.from(proseOf(document).matchAll(/^#+ (.+)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The links of a document that lead nowhere. */
function brokenLinks(document: Document): string[] {
  const links = Array.from(proseOf(document).matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link);
  return links.filter((link) => {
    if (/^(https?|mailto):/.test(link)) return false;
    const [file = "", anchor] = link.split("#");
    const path = file === "" ? document.path : join(dirname(document.path), file);
    if (!existsSync(join(ROOT, path))) return true;
    return anchor !== undefined && !anchorsOf({ path, text: textOf(path) }).includes(anchor);
  });
}

/** The scripts that a document's commands name and package.json lacks. */
function missingScripts({ text }: Document): string[] {
  const named = Array.from(text.matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(start|test)\b)/g), (found) =>
    String(found[1] ?? found[2]),
  );
  return named.filter((name) => !(name in scripts));
}

/** The files of the repository that a document names and that do not exist. */
function missingFiles({ path, text }: Document): string[] {
  const named = Array.from(
    text.matchAll(/`([\w.-]+\/[\w./-]+\.(?:ts|js|md|yml|yaml|graphql))`/g),
    ([, file = ""]) => file,
  );
  const folders = ["", "src", dirname(path)];
  return named.filter((file) => !folders.some((folder) => existsSync(join(ROOT, folder, file))));
}

test("there are documents to check", () => {
  expect(documents.map(({ path }) => path)).toEqual(
    expect.arrayContaining(["README.md", "docs/front-end.md"]),
  );
});

describe.each(documents.map((document) => [document.path, document] as const))("%s", (_path, document) => {
  test("its links have existing targets", () => {
    expect(brokenLinks(document)).toEqual([]);
  });

  test("the files that it names exist", () => {
    expect(missingFiles(document)).toEqual([]);
  });

  test("its scripts exist", () => {
    expect(missingScripts(document)).toEqual([]);
  });
});

test("README's test command is what CI runs", () => {
  expect(textOf("README.md")).toContain("npm ci && npm test\n");
  expect(textOf(".ci/run")).toMatch(/^.*npm ci\b[^]*npm test\b/m);
});
