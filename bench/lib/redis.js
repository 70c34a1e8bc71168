import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { Redis } from "ioredis";
import { until } from "./server.js";

/** Which program serves Redis here; null when there is none. */
function serverBinary() {
  const named = process.env.REDIS_SERVER_BIN;
  const names = named ? [named] : ["redis-server", "valkey-server"];
  return names.find((name) => spawnSync(name, ["--version"]).status === 0) ?? null;
}

/** A Redis of the benchmark's own, which keeps nothing on disk; null, and a line that says so, where it cannot be. */
export async function startRedis() {
  const binary = serverBinary();
  if (binary === null) {
    console.log(
      "Redis is missing: put redis-server on PATH or name it in REDIS_SERVER_BIN. Its rows are left out.",
    );
    return null;
  }
  const port = await new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
  const options = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"];
  const child = spawn(binary, options, { stdio: "ignore" });
  process.on("exit", () => child.kill("SIGKILL"));
  const client = new Redis({ port, host: "127.0.0.1", retryStrategy: () => 50, maxRetriesPerRequest: 100 });
  client.on("error", () => undefined);
  await until(10_000, async () => (await client.ping()) === "PONG");
  return {
    url: `redis://127.0.0.1:${port}`,
    empty: () => client.flushall(),
    keys: () => client.dbsize(),
    /** Commands that read a value or several, since the last reset. */
    reads: async () => {
      const text = await client.info("commandstats");
      const calls = [
        ...text.matchAll(
          /cmdstat_(?:get|mget|getrange|hget|hmget|hgetall|getex|eval|evalsha|fcall):calls=(\d+)/g,
        ),
      ];
      return calls.reduce((sum, [, count]) => sum + Number(count), 0);
    },
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
    resetCounters: () => client.config("RESETSTAT"),
    stop: () => {
      client.disconnect();
      child.kill();
    },
  };
}
