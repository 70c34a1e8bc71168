import { spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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
  const options = { outDir: "dist", rootDir: "src" };
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
  rmSync(at("dist/main.js"));
  expect(build().status).toBe(0);
  expect(compiledAt()).toBeGreaterThan(first);
});

test("a failed compilation ends the build, and the next build compiles again", () => {
  writeFileSync(at("src/main.ts"), "export const one: string = 1;\n");
  const failed = build();
  expect(failed.status).not.toBe(0);
  expect(String(failed.stdout)).toContain("TS2322");
  expect(build().status).not.toBe(0);
});
