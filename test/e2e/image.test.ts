import { spawnSync } from "node:child_process";
import { cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ROOT, textOf } from "../support/documents.js";
import { ask } from "../support/processes/gateway-client.js";
import { startGateway } from "../support/processes/gateway-process.js";

/** The files that the image has: the program and its runtime packages, without what the Dockerfile deletes. */
let image: string;

/** The endings of the files that the Dockerfile deletes in a folder. */
function deletedIn(folder: string): string[] {
  const [, step = ""] =
    new RegExp(`find ${folder} (-type f .*?|-name .*?) -delete`).exec(textOf("Dockerfile")) ?? [];
  return Array.from(step.matchAll(/-name '\*(\.\w+)'/g), ([, ending = ""]) => ending);
}

function copy(path: string, deleted: readonly string[]): void {
  const filter = (source: string): boolean =>
    !lstatSync(source).isSymbolicLink() && !deleted.some((ending) => source.endsWith(ending));
  cpSync(join(ROOT, path), join(image, path), { recursive: true, filter });
}

beforeAll(() => {
  image = mkdtempSync(join(tmpdir(), "image-"));
  const { packages } = JSON.parse(textOf("package-lock.json")) as {
    packages: Record<string, { dev?: boolean; link?: boolean }>;
  };
  const isShipped = (path: string): boolean => {
    const entry = packages[path] ?? {};
    return path.startsWith("node_modules/") && !entry.dev && !entry.link && existsSync(join(ROOT, path));
  };
  const deleted = deletedIn("node_modules");
  expect(deleted).toContain(".ts");
  for (const path of Object.keys(packages).filter(isShipped)) {
    // A package of an own folder of packages is copied by its own entry.
    copy(path, [...deleted, "node_modules"]);
  }
  expect(deletedIn("dist")).toEqual([".map"]);
  copy("dist", deletedIn("dist"));
  copy("package.json", []);
});

afterAll(() => {
  rmSync(image, { recursive: true, force: true });
});

test("each module of the program can be loaded from what the image has", () => {
  const modules = readdirSync(join(image, "dist"), { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".js") && !name.endsWith("main.js") && !name.startsWith("web/"),
  );
  expect(modules.length).toBeGreaterThan(100);
  const program = `await import("reflect-metadata"); for (const name of ${JSON.stringify(modules)}) await import("./dist/" + name);`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: image,
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("the gateway serves pages and GraphiQL from what the image has", async () => {
  const env = { NODE_ENV: "production", SIMULATOR: "on", INTROSPECTION: "on" };
  const gateway = await startGateway(env, { main: join(image, "dist/main.js") });
  const { url } = gateway;
  const { data, errors } = await ask(url, '{ trainingJob(id: "events-100") { events { totalCount } } }');
  expect({ data, errors }).toEqual({ data: { trainingJob: { events: { totalCount: 100 } } }, errors: [] });
  expect((await fetch(new URL("/graphiql", url))).status).toBe(200);
  expect(await gateway.stop()).toMatchObject({ exitCode: 0, stderr: "" });
});
