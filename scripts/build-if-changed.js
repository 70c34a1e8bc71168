// Compiles src/ of the working directory unless the last compilation had the same sources: `npm start` then compiles
// nothing.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const stamp = join("dist", ".sources");

/** A hash of everything that the compiled files depend on: sources, options and packages. */
function hashOfSources() {
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join("src", name))
    .sort();
  const hash = createHash("sha256");
  for (const file of ["tsconfig.json", "tsconfig.build.json", "package-lock.json", ...sources]) {
    hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

const sources = hashOfSources();
const isBuilt = existsSync(join("dist", "main.js")) && existsSync(stamp);
if (!isBuilt || readFileSync(stamp, "utf8") !== sources) {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(stamp, sources);
}
