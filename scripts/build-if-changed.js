// Compiles src/ of the working directory into dist/ unless the last compilation had the same sources: `npm start` then
// compiles nothing. Also removes the compiled files of deleted sources.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const stamp = join("dist", ".sources");
/** The compiler's incremental build information. With it, the compiler writes only the output of changed sources. */
const buildInfo = join("dist", ".tsbuildinfo");
/** The bundles of build-web.js are also in dist/. */
const BUNDLES = /^web[\\/]/;

const filesIn = (folder) =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];

/** A hash of everything that the compiled files depend on: sources, options and packages. */
function hashOf(sources) {
  const hash = createHash("sha256");
  const files = sources.map((name) => join("src", name)).sort();
  for (const file of ["tsconfig.json", "tsconfig.build.json", "package-lock.json", ...files]) {
    hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

const sources = filesIn("src").filter((name) => name.endsWith(".ts"));
const outputs = new Set(
  sources.filter((name) => !name.endsWith(".d.ts")).map((name) => name.replace(/\.ts$/, ".js")),
);
const compiled = filesIn("dist").filter((name) => /\.js(\.map)?$/.test(name) && !BUNDLES.test(name));
const stale = compiled.filter((name) => !outputs.has(name.replace(/\.map$/, "")));
const isComplete = [...outputs].every((name) => compiled.includes(name));
const hash = hashOf(sources);

for (const name of stale) rmSync(join("dist", name));
if (!isComplete) rmSync(buildInfo, { force: true });
if (!isComplete || !existsSync(stamp) || readFileSync(stamp, "utf8") !== hash) {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(stamp, hash);
}
