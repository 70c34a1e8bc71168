import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ROOT, textOf } from "../../support/documents.js";

const listIn = (cwd: string, ...flags: string[]) =>
  spawnSync(process.execPath, [join(ROOT, "scripts/licences.js"), ...flags], { cwd, encoding: "utf8" });

describe("a project", () => {
  let project: string;
  let packages: Record<string, { dev?: boolean }>;
  beforeEach(() => {
    packages = {};
    project = mkdtempSync(join(tmpdir(), "licences-"));
  });
  afterEach(() => {
    rmSync(project, { recursive: true, force: true });
  });

  /** Installs a package with this licence. */
  const install = (name: string, license: unknown, entry: { dev?: boolean } = {}): void => {
    const folder = `node_modules/${name}`;
    mkdirSync(join(project, folder), { recursive: true });
    writeFileSync(join(project, folder, "package.json"), JSON.stringify({ name, version: "1.0.0", license }));
    packages[folder] = entry;
    writeFileSync(join(project, "package-lock.json"), JSON.stringify({ packages }));
  };

  test.each([
    "Elastic-2.0",
    "SSPL-1.0",
    "GPL-3.0-only",
    "AGPL-3.0-or-later",
    "(MIT AND GPL-2.0)",
    "SEE LICENSE IN LICENSE.txt",
    "UNLICENSED",
    undefined,
  ])("with a package under %s fails", (licence) => {
    install("good", "MIT");
    install("wrong", licence);
    const { status, stderr } = listIn(project);
    expect(stderr).toBe(`wrong@1.0.0 is not allowed: its licence is ${licence ?? "none"}.\n`);
    expect(status).toBe(1);
  });

  test("may choose one of two licences, and use any licence for development", () => {
    install("wrong", "(GPL-3.0-only OR MIT)");
    install("tool", "GPL-3.0-only", { dev: true });
    expect(listIn(project)).toMatchObject({
      status: 0,
      stderr: "",
      stdout: "(GPL-3.0-only OR MIT) (1): wrong@1.0.0\n",
    });
  });

  test("fails if a package of the lock file is not installed", () => {
    install("good", "MIT");
    rmSync(join(project, "node_modules/good"), { recursive: true });
    const { status, stderr } = listIn(project);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "node_modules/good is not installed. Run npm ci.\n",
    });
  });

  test("fails with a package whose code is in a shipped page", () => {
    install("wrong", "Elastic-2.0", { dev: true });
    mkdirSync(join(project, "dist/web"), { recursive: true });
    writeFileSync(join(project, "dist/web/page.packages.json"), JSON.stringify(["node_modules/wrong"]));
    expect(listIn(project).status).toBe(1);
  });
});

describe("the gateway", () => {
  test("ships only packages with allowed licences", () => {
    const { status, stdout, stderr } = listIn(ROOT);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    // Of the process, of GraphiQL, of the events page; and no tool.
    expect(stdout).toContain(" fastify@");
    expect(stdout).toContain(" monaco-editor@");
    expect(stdout).toContain(" uplot@");
    expect(stdout).not.toContain(" jest@");
  });

  test("prints the licences of these packages", () => {
    const { stdout } = listIn(ROOT, "--texts");
    expect(stdout).toMatch(/fastify@[\d.]+: MIT\n[^=]+Permission is hereby granted/);
    expect(stdout).toMatch(/@opentelemetry\/core@[\d.]+: Apache-2.0\n[^=]+Apache License/);
  });

  test("has a bill of materials with each package of the process and of the pages", () => {
    const { stdout } = spawnSync("npm", ["run", "--silent", "sbom"], { cwd: ROOT, encoding: "utf8" });
    type Bill = { bomFormat: string; components: { purl: string; hashes: object[] }[] };
    const { bomFormat, components } = JSON.parse(stdout) as Bill;
    const { dependencies } = JSON.parse(textOf("package.json")) as { dependencies: Record<string, string> };
    const wanted = Object.entries(dependencies).map(
      ([name, version]) => `pkg:npm/${name.replace("@", "%40")}@${version}`,
    );
    const named = components.map(({ purl }) => purl);
    expect(bomFormat).toBe("CycloneDX");
    expect(wanted.filter((purl) => !named.includes(purl))).toEqual([]);
    expect(named.some((purl) => purl.startsWith("pkg:npm/uplot@"))).toBe(true);
    expect(named.some((purl) => purl.startsWith("pkg:npm/jest@"))).toBe(false);
    expect(components.filter(({ hashes }) => hashes.length === 0)).toEqual([]);
  });
});
