/**
 * One command for a whole supergraph: ModelArts simulator, events gateway, jobs subgraph, Hive Gateway.
 * PORT (4000) is the supergraph's port. With EVENTS_URL, the script uses this running gateway and starts none.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { compose } from "./compose.js";
import { JOBS, startJobs } from "./jobs.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PORT = process.env.PORT ?? "4000";
const HIVE = here("node_modules/@graphql-hive/gateway/dist/bin.js");
const children = [];

/** Starts a program and waits for the output line with its URL. */
async function startAndFind(script, args, env, pattern) {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  child.once("exit", (code) => stop(code ?? 1));
  for await (const line of createInterface({ input: child.stdout })) {
    const found = pattern.exec(line);
    if (found) {
      child.stdout.resume();
      return found[1];
    }
  }
  throw new Error(`${script} ended before it served.`);
}

async function startEvents() {
  const simulator = await startAndFind(
    here("../../dist/simulator/main.js"),
    [],
    { SIMULATOR_PORT: "0", SIMULATOR_ADMIN: "on" },
    /(http:\/\/[\w.:]+)/,
  );
  for (const { id, projectId } of JOBS) {
    const body = JSON.stringify({ generate: 120, seed: Number(id.slice(-2)) });
    await fetch(`${simulator}/admin/jobs/${projectId}/${id}`, { method: "PUT", body });
  }
  return startAndFind(
    here("../../dist/main.js"),
    [],
    {
      PORT: process.env.EVENTS_PORT ?? "4001",
      MODELARTS_ENDPOINT: simulator,
      MODELARTS_AUTH: "none",
      MODELARTS_PROJECT_ID: "demo-project",
    },
    /^ready: (\S+)/,
  );
}

let stopping = false;
function stop(code) {
  if (stopping) return;
  stopping = true;
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

const folder = mkdtempSync(join(tmpdir(), "supergraph-"));
process.on("SIGINT", () => stop(0));
process.on("SIGTERM", () => stop(0));

const eventsUrl = process.env.EVENTS_URL ?? (await startEvents());
const jobs = await startJobs(Number(process.env.JOBS_PORT ?? 4002));
const supergraph = join(folder, "supergraph.graphql");
writeFileSync(supergraph, compose({ eventsUrl, jobsUrl: jobs.url }));
const hive = spawn(
  process.execPath,
  [HIVE, "supergraph", supergraph, "-c", here("gateway.config.js"), "-h", "127.0.0.1", "-p", PORT],
  { cwd: here("."), stdio: ["ignore", "ignore", "inherit"] },
);
children.push(hive);
once(hive, "exit").then(([code]) => stop(code ?? 1));

const url = `http://127.0.0.1:${PORT}/graphql`;
while (!stopping) {
  const health = await fetch(new URL("/readiness", url)).catch(() => null);
  if (health?.ok) break;
  await new Promise((resolve) => setTimeout(resolve, 200));
}
console.log(`supergraph: ${url}`);
