/** How each contender is started. */
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startServer } from "./server.js";

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Settings that send every operation through Apollo Server. */
const THROUGH_APOLLO = { FAST_PATH: "off" };

/** The gateway with its default settings, except that it logs only warnings, because the other contenders write no log. */
export const startProduct = (upstream, { name = "product", env = {}, nodeArgs = [], cwd } = {}) =>
  startServer({
    name,
    args: [...nodeArgs, here("../dist/main.js")],
    cwd: cwd ?? mkdtempSync(join(tmpdir(), "bench-")),
    env: {
      PORT: "0",
      MODELARTS_ENDPOINT: upstream,
      MODELARTS_PROJECT_ID: "demo-project",
      MODELARTS_AUTH: "none",
      LOG_LEVEL: "warn",
      ...env,
    },
  });

const script =
  (file, env = {}) =>
  (upstream, name, more = {}, nodeArgs = []) =>
    startServer({
      name,
      args: [...nodeArgs, here(`contenders/${file}.js`)],
      env: { UPSTREAM: upstream, ...env, ...more },
    });

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function startHive(upstream, name, more = {}) {
  const supergraph = join(mkdtempSync(join(tmpdir(), "bench-hive-")), "supergraph.graphql");
  const compose = [
    here("node_modules/.bin/mesh-compose"),
    "-c",
    here("contenders/hive/mesh.config.js"),
    "-o",
    supergraph,
  ];
  const env = { ...process.env, UPSTREAM: upstream };
  const { status, stderr } = spawnSync(process.execPath, compose, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`GraphQL Mesh could not compose the supergraph: ${stderr}`);
  const port = await freePort();
  const listen = ["--host", "127.0.0.1", "--port", String(port), "--fork", "1"];
  const config = ["-c", here("contenders/hive/gateway.config.js")];
  return startServer({
    name,
    args: [here("node_modules/.bin/hive-gateway"), "supergraph", supergraph, ...config, ...listen],
    env: { UPSTREAM: upstream, CACHE: "responses", ...more },
    probeUrl: `http://127.0.0.1:${port}/graphql`,
  });
}

/** By name: (upstream URL, name, more environment) => the running contender. AS-redis needs a REDIS_URL. */
const STARTS = {
  "LIMIT-http": script("limit", { LIMIT: "http" }),
  "LIMIT-parse": script("limit", { LIMIT: "parse" }),
  "AS-naive": script("as-naive"),
  "AS-redis": script("as-redis"),
  "AS-response-cache": script("as-naive", { CACHE: "responses" }),
  "mercurius-jit": script("mercurius"),
  "mercurius-jit-shaped": script("mercurius", { PAGES: "shaped" }),
  "Hive-cached": startHive,
  "LIMIT-live": script("live-limit"),
  "Apollo-live": script("live-apollo"),
  "mercurius-live": script("live-mercurius"),
  "Yoga-live": script("live-yoga"),
  product: (upstream, name, env, nodeArgs) => startProduct(upstream, { name, env, nodeArgs }),
  "product-apollo": (upstream, name, env) =>
    startProduct(upstream, { name, env: { ...THROUGH_APOLLO, ...env } }),
};

export const startContender = (name, upstream, env, nodeArgs) => STARTS[name](upstream, name, env, nodeArgs);

/** Starts these contenders one after the other. @returns them by name */
export async function startContenders(names, upstream, env = {}) {
  const started = {};
  for (const name of names) started[name] = await startContender(name, upstream, env);
  return started;
}

export const stopAll = (servers) => Promise.all(Object.values(servers).map((server) => server.stop()));
