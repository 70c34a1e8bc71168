import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { satisfies } from "semver";
import { ROOT } from "../../support/documents.js";

type LockedPackage = { readonly engines?: { readonly node?: string } };

test("no dependency asks for a newer Node than the image's 20.20", () => {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockedPackage>;
  };
  const tooNew = Object.entries(lock.packages)
    .filter(([, { engines }]) => !satisfies("20.20.0", engines?.node ?? "*"))
    .map(([path]) => path);
  expect(tooNew).toEqual([]);
});
