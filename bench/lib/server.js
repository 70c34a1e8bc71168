/** Starts a measured program as a separate process and reads its CPU time and memory from the kernel. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const READY = /(?:ready: |simulator on )(http:\/\/[^\s,]+)/;
const running = new Set();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * @param args of node, or of `command`
 * @param probeUrl requested until it answers, for a server that prints no ready line
 */
export async function startServer({ name, command = process.execPath, args, env = {}, cwd, probeUrl }) {
  const environment = { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "production", ...env };
  const stdio = ["ignore", "pipe", "pipe", "ipc"];
  const child = spawn(command, args, { env: environment, cwd, stdio });
  running.add(child);
  let output = "";
  let ended = false;
  const onText = (text) => {
    if (output.length < 20_000) output += text;
  };
  child.stdout.setEncoding("utf8").on("data", onText);
  child.stderr.setEncoding("utf8").on("data", onText);
  const closed = new Promise((resolve) => child.once("close", resolve)).then(() => {
    ended = true;
    running.delete(child);
  });
  const url = await until(60_000, async () => {
    if (ended) throw new Error(`${name} ended before it was ready:\n${output}`);
    if (!probeUrl) return READY.exec(output)?.[1];
    const answer = await fetch(probeUrl, post('{"query":"{ __typename }"}')).catch(() => null);
    return answer?.ok ? probeUrl : undefined;
  });
  if (!url) throw new Error(`${name} was not ready within a minute:\n${output}`);
  return {
    name,
    url,
    pid: child.pid,
    /** The memory that its probe reports; only for a program that was started with lib/memory-probe.js. */
    memory: () =>
      new Promise((resolve) => {
        child.once("message", resolve);
        child.send("memory");
      }),
    stop: async (signal = "SIGKILL") => {
      child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
      await closed;
      clearTimeout(timer);
    },
  };
}

export const post = (body) => ({ method: "POST", body, headers: { "content-type": "application/json" } });

/** Calls the function until it has a result or the time is over. */
export async function until(limitMs, attempt) {
  const endMs = Date.now() + limitMs;
  while (Date.now() < endMs) {
    const result = await attempt();
    if (result !== undefined && result !== false) return result;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
}

/** Nanoseconds of CPU that the process's threads have used. */
export function cpuNs(pid) {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  }
  return sum;
}

/** Resident memory of the process in MB (10^6 bytes). */
export function rssMb(pid) {
  const [, kb = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return (Number(kb) * 1024) / 1e6;
}
