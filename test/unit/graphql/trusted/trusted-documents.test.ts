import { createHash } from "node:crypto";
import { expect, test } from "@jest/globals";
import { MAX_TOKENS } from "../../../../src/graphql/limits.js";
import { TrustedDocuments } from "../../../../src/graphql/trusted/trusted-documents.js";

const text = "query A {\n  __typename\n}";
const documents = new TrustedDocuments(new Map([["md5-of-a", text]]));

test("a document is found by its ID, by its SHA-256 hash, and by either with the prefix sha256:", () => {
  const hash = createHash("sha256").update(text).digest("hex");
  for (const id of ["md5-of-a", "sha256:md5-of-a", hash, `sha256:${hash}`]) {
    expect(documents.byId(id)).toBe(text);
  }
  for (const id of ["", "sha256:", "other", "__proto__", text]) expect(documents.byId(id)).toBeNull();
});

test("a trusted text may be formatted differently, and no other text is trusted", () => {
  for (const same of [text, "query A{__typename}", "# comment\nquery A { __typename, }"]) {
    expect(documents.hasText(same)).toBe(true);
  }
  const padding = " ".repeat(200);
  for (const other of ["query B{__typename}", "{__typename}", '"', padding]) {
    expect(documents.hasText(other)).toBe(false);
  }
});

test.each([
  ["broken {", 'the document "id" cannot be parsed: Syntax Error'],
  [`{ ${"a ".repeat(MAX_TOKENS)} }`, 'the document "id" cannot be parsed: Syntax Error: Document contains'],
])("a manifest with %.10s is refused", (broken, message) => {
  expect(() => new TrustedDocuments(new Map([["id", broken]]))).toThrow(message);
});
