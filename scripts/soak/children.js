// The processes of a soak: gateways, the simulator, Redis. None of them outlives this process.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { performance } from "node:perf_hooks";

const READY_WITHIN_MS = 300_000;
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/**
 * Starts a program and waits for the line that `ready` matches.
 * @returns the first group of the match, the pid, and a function that ends the program
 */
async function start(program, args, env, ready) {
  const inherited = { PATH: process.env.PATH, HOME: process.env.HOME };
  const child = spawn(program, args, { env: { ...inherited, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  running.add(child);
  const ended = once(child, "close").then(([code]) => {
    running.delete(child);
    return code;
  });
  let output = "";
  let isReady = false;
  const seen = new Promise((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      // Later output is read and dropped, so that the program does not block.
      if (isReady) return;
      output += text;
      const found = ready.exec(output)?.[1];
      isReady = found !== undefined;
      if (isReady) resolve(found);
    });
  });
  const failed = ended.then((code) => Promise.reject(new Error(`${program} ${args} ended with ${code}.`)));
  const late = new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`${program} ${args} is not ready.`)), READY_WITHIN_MS);
    timer.unref();
  });
  failed.catch(() => undefined);
  late.catch(() => undefined);
  const value = await Promise.race([seen, failed, late]);
  return {
    value,
    pid: child.pid,
    /** Sends the signal. @returns the exit code, null after a signal that kills, and how long it took */
    stop: async (signal = "SIGTERM") => {
      const startMs = performance.now();
      child.kill(signal);
      return { code: await ended, ms: performance.now() - startMs };
    },
  };
}

export async function startGateway(env) {
  const { value, ...gateway } = await start(
    process.execPath,
    ["dist/main.js"],
    { NODE_ENV: "production", LOG_LEVEL: "error", PORT: "0", ...env },
    /^ready: (\S+)$/m,
  );
  return { ...gateway, url: value };
}

export async function startSimulator() {
  const { value, ...simulator } = await start(
    process.execPath,
    ["dist/simulator/main.js"],
    { SIMULATOR_PORT: "0", SIMULATOR_ADMIN: "on" },
    /ModelArts simulator on ([^\s,]+)/,
  );
  return { ...simulator, url: value };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** @param givenPort the port; if it is not given, a free one */
export async function startRedis(givenPort) {
  const names = [process.env.REDIS_SERVER_BIN || "redis-server", "valkey-server"];
  const program = names.find((name) => spawnSync(name, ["--version"]).status === 0);
  if (program === undefined) throw new Error("Put redis-server on PATH, or name one in REDIS_SERVER_BIN.");
  const port = givenPort ?? (await freePort());
  const options = ["--bind", "127.0.0.1", "--port", `${port}`, "--save", "", "--appendonly", "no"];
  const redis = await start(program, options, {}, /(Ready to accept connections)/);
  return { ...redis, port, url: `redis://127.0.0.1:${port}` };
}
