// Finds the programs that the tests need in addition to npm's packages. As root with apt-get, it installs missing ones.
// Otherwise it prints a line for each missing program.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const { CHROMIUM_BIN, REDIS_SERVER_BIN } = process.env;
const TOOLS = [
  { aptPackage: "chromium", programs: [CHROMIUM_BIN || "/usr/bin/chromium"], variable: "CHROMIUM_BIN" },
  {
    aptPackage: "redis-server",
    programs: [REDIS_SERVER_BIN || "redis-server", "valkey-server", "docker"],
    variable: "REDIS_SERVER_BIN",
  },
  { aptPackage: "nutcracker", programs: ["nutcracker", "/usr/sbin/nutcracker"] },
  { aptPackage: "prometheus", programs: ["prometheus"] },
  { aptPackage: "curl", programs: ["curl"] },
  { aptPackage: "openssl", programs: ["openssl"] },
  { aptPackage: "tinyproxy-bin", programs: ["tinyproxy"] },
];

const folders = (process.env.PATH ?? "").split(delimiter);
const isThere = (program) =>
  program.includes("/") ? existsSync(program) : folders.some((folder) => existsSync(join(folder, program)));
const missing = (count) => TOOLS.filter(({ programs }) => !programs.slice(0, count).some(isThere));

// A server that is installed must not start beside those of the tests.
const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
const apt = (...command) =>
  spawnSync("apt-get", command, { env, stdio: ["ignore", "inherit", "inherit"] }).status === 0;

const wanted = missing(1).map(({ aptPackage }) => aptPackage);
if (wanted.length > 0 && process.getuid?.() === 0 && isThere("apt-get") && apt("update", "-q")) {
  apt("install", "-y", "-q", "--no-install-recommends", ...wanted);
}
for (const { aptPackage, variable } of missing()) {
  console.error(`${aptPackage} is missing: install it${variable ? `, or name one in ${variable}` : ""}`);
  process.exitCode = 1;
}
