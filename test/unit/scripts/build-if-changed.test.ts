import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { ROOT } from "../../support/documents.js";

let project: string;
const at = (path: string): string => join(project, path);
const build = () =>
  spawnSync(process.execPath, [join(ROOT, "scripts", "build-if-changed.js")], { cwd: project });
/** When the compiler last wrote the output. */
const compiledAt = (): number => statSync(at("dist/main.js")).mtimeMs;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "build-"));
  mkdirSync(at("src"));
  writeFileSync(
    at("tsconfig.json"),
    JSON.stringify({ compilerOptions: { types: [], lib: ["es5"], noEmitOnError: true } }),
  );
  const options = {
    outDir: "dist",
    rootDir: "src",
    sourceMap: true,
    incremental: true,
    tsBuildInfoFile: "dist/.tsbuildinfo",
  };
  writeFileSync(
    at("tsconfig.build.json"),
    JSON.stringify({ extends: "./tsconfig.json", compilerOptions: options, include: ["src"] }),
  );
  writeFileSync(at("package-lock.json"), "{}");
  writeFileSync(at("src/main.ts"), "export const one: number = 1;\n");
});
afterEach(() => {
  rmSync(project, { recursive: true, force: true });
});

test("compiles once, and nothing until a source changes", () => {
  expect(build().status).toBe(0);
  const first = compiledAt();
  expect(build().status).toBe(0);
  expect(compiledAt()).toBe(first);
  writeFileSync(at("src/main.ts"), "export const two: number = 2;\n");
  expect(build().status).toBe(0);
  expect(readFileSync(at("dist/main.js"), "utf8")).toContain("two = 2");
});

test("removes the compiled files of deleted sources, and writes missing ones again", () => {
  mkdirSync(at("src/folder"));
  writeFileSync(at("src/folder/deleted.ts"), "export const three = 3;\n");
  mkdirSync(at("dist/web"), { recursive: true });
  writeFileSync(at("dist/web/bundle.js"), "");
  expect(build().status).toBe(0);
  expect(existsSync(at("dist/folder/deleted.js"))).toBe(true);
  rmSync(at("src/folder/deleted.ts"));
  // The incremental compiler does not write it again by itself.
  rmSync(at("dist/main.js"));
  expect(build().status).toBe(0);
  expect(readdirSync(at("dist/folder"))).toEqual([]);
  expect(existsSync(at("dist/main.js"))).toBe(true);
  expect(existsSync(at("dist/web/bundle.js"))).toBe(true);
});

test("a failed compilation ends the build, and the next build compiles again", () => {
  writeFileSync(at("src/main.ts"), "export const one: string = 1;\n");
  const failed = build();
  expect(failed.status).not.toBe(0);
  expect(String(failed.stdout)).toContain("TS2322");
  expect(build().status).not.toBe(0);
});
