// Finds what the tests need beside npm's packages. What is missing is installed where that can be done unasked: by
// root, with apt-get. Elsewhere a line for each says what to do.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const TOOLS = [
  { path: process.env.CHROMIUM_BIN || "/usr/bin/chromium", aptPackage: "chromium", variable: "CHROMIUM_BIN" },
  {
    path: process.env.REDIS_SERVER_BIN || "redis-server",
    aptPackage: "redis-server",
    variable: "REDIS_SERVER_BIN",
  },
  { path: "curl", aptPackage: "curl", variable: null },
];

const folders = (process.env.PATH ?? "").split(delimiter);
const isThere = (path) =>
  path.includes("/") ? existsSync(path) : folders.some((folder) => existsSync(join(folder, path)));
const missing = () => TOOLS.filter(({ path }) => !isThere(path));

const run = (...command) =>
  spawnSync("apt-get", command, { stdio: ["ignore", "inherit", "inherit"] }).status === 0;

if (missing().length > 0 && process.getuid?.() === 0 && isThere("apt-get")) {
  process.env.DEBIAN_FRONTEND = "noninteractive";
  const packages = missing().map(({ aptPackage }) => aptPackage);
  if (run("update", "-q")) run("install", "-y", "-q", "--no-install-recommends", ...packages);
}
for (const { aptPackage, variable } of missing()) {
  console.error(
    `${aptPackage} is missing: install it${variable === null ? "" : `, or name one in ${variable}`}`,
  );
  process.exitCode = 1;
}
