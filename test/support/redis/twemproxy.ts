import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { eventually } from "../eventually.js";
import { freePort } from "../processes/free-port.js";
import { type RedisServer } from "./redis.js";

/** A twemproxy (Debian's package `nutcracker`) that spreads keys over some servers; INFO and HELLO close a connection. */
export async function startTwemproxy(
  servers: readonly RedisServer[],
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "twemproxy-")));
  const [port, statsPort] = [await freePort(), await freePort()];
  const file = join(directory, "nutcracker.yml");
  const pool = [
    `events:`,
    `  listen: 127.0.0.1:${port}`,
    `  redis: true`,
    `  hash: fnv1a_64`,
    `  hash_tag: "{}"`,
    `  distribution: ketama`,
    `  servers:`,
    ...servers.map((server) => `   - 127.0.0.1:${server.port}:1`),
  ];
  writeFileSync(file, `${pool.join("\n")}\n`);
  const child = spawn("nutcracker", ["--conf-file", file, "--stats-port", `${statsPort}`], {
    stdio: "ignore",
  });
  const client = new Redis({ port, protocol: 2, enableReadyCheck: false, disableClientInfo: true });
  client.on("error", () => undefined);
  await eventually(() =>
    client.get("key").then(
      () => true,
      () => false,
    ),
  );
  client.disconnect();
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
