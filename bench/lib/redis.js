import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { Redis } from "ioredis";
import { until } from "./server.js";

/** The path of redis-server; null if there is none. */
function serverBinary() {
  const named = process.env.REDIS_SERVER_BIN;
  const names = named ? [named] : ["redis-server", "valkey-server"];
  return names.find((name) => spawnSync(name, ["--version"]).status === 0) ?? null;
}

/** Starts a Redis for the benchmark that stores nothing on disk. Without redis-server: prints a line and returns null. */
export async function startRedis() {
  const binary = serverBinary();
  if (binary === null) {
    console.log(
      "redis-server not found: put it on PATH or set REDIS_SERVER_BIN. The rows about Redis are omitted.",
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
    /** The number of read commands since the last reset. */
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
