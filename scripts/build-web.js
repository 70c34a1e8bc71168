// Builds the files for browsers: the client package, GraphiQL and the events page. Skips each that has not changed
// since its last build.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** If the root has another version of a package, npm installs it beside the package that needs it. */
const FOLDERS = ["", "packages/client", "examples/events-page"];
const STAMPS = join(ROOT, "dist/web-stamps.json");

/** Each target: the packages that it needs, its source files, its output, and its build function. */
const TARGETS = [
  {
    name: "client",
    needs: ["@apollo/client", "@urql/exchange-graphcache", "relay-runtime"],
    inputs: ["packages/client/src", "packages/client/tsconfig.build.json", "tsconfig.json"],
    output: "packages/client/dist/index.js",
    command: [
      process.execPath,
      "node_modules/typescript/bin/tsc",
      "-p",
      "packages/client/tsconfig.build.json",
    ],
  },
  {
    name: "graphiql",
    needs: ["esbuild", "graphiql", "@graphiql/plugin-explorer", "react-dom"],
    inputs: [
      "packages/graphiql",
      "schema/operations",
      "scripts/build-graphiql.js",
      "scripts/bundled-packages.js",
      "package-lock.json",
    ],
    output: "dist/web/graphiql/main.js",
    command: [process.execPath, "scripts/build-graphiql.js"],
  },
  {
    name: "events page",
    needs: ["vite", "@tanstack/react-virtual", "uplot"],
    inputs: [
      "examples/events-page",
      "packages/client/src",
      "scripts/build-events-page.js",
      "scripts/bundled-packages.js",
      "package-lock.json",
    ],
    output: "dist/web/events/index.html",
    command: [process.execPath, "scripts/build-events-page.js"],
  },
];

/** Files by path, size and time of change. */
function fingerprint(paths) {
  const hash = createHash("sha256");
  const add = (path) => {
    const stats = statSync(join(ROOT, path), { throwIfNoEntry: false });
    if (stats === undefined) return;
    if (stats.isDirectory()) {
      const names = readdirSync(join(ROOT, path)).filter((name) => name !== "node_modules");
      for (const name of names.sort()) add(`${path}/${name}`);
    } else hash.update(`${path}\0${stats.size}\0${stats.mtimeMs}\n`);
  };
  paths.forEach(add);
  return hash.digest("hex");
}

const stamps = existsSync(STAMPS) ? JSON.parse(readFileSync(STAMPS, "utf8")) : {};
for (const { name, needs, inputs, output, command } of TARGETS) {
  const stamp = fingerprint(inputs);
  if (stamps[name] === stamp && existsSync(join(ROOT, output))) continue;
  const missing = needs.filter(
    (one) => !FOLDERS.some((folder) => existsSync(join(ROOT, folder, "node_modules", one))),
  );
  if (missing.length > 0) {
    console.error(`Not built: ${name}. Run npm ci to install ${missing.join(", ")}.`);
    continue;
  }
  const [program, ...args] = command;
  const { status } = spawnSync(program, args, { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) process.exit(1);
  stamps[name] = stamp;
  mkdirSync(dirname(STAMPS), { recursive: true });
  writeFileSync(STAMPS, JSON.stringify(stamps));
}
