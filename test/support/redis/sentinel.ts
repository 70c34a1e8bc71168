import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { eventually } from "../eventually.js";
import { freePort } from "../processes/free-port.js";
import { type Certificate } from "./certificate.js";
import { findRedis } from "./redis-binary.js";
import { RedisServer } from "./redis.js";

/** Under this name Sentinel knows the primary. */
export const MASTER = "events-cache";

/** A primary and a replica, which a Sentinel watches and promotes. */
export type SentinelSetup = {
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  readonly sentinelPort: number;
  stop(): Promise<void>;
};

type SentinelOptions = {
  readonly password?: string;
  readonly sentinelPassword?: string | null;
  readonly certificate?: Certificate;
};

/** @param options.password of both servers, and of the Sentinel unless it has a `sentinelPassword`, or null for none */
export async function startSentinel(options: SentinelOptions = {}): Promise<SentinelSetup> {
  const { password, certificate, sentinelPassword = password ?? null } = options;
  const args = password === undefined ? [] : ["--requirepass", password, "--masterauth", password];
  const start = (): Promise<RedisServer> =>
    certificate === undefined ? RedisServer.start() : RedisServer.startTls(certificate);
  const [primary, replica] = await Promise.all([start(), start()]);
  const client = replica.client();
  await client.replicaof("127.0.0.1", primary.port);
  await eventually(async () => (await client.info("replication")).includes("master_link_status:up"));
  client.disconnect();
  for (const server of [primary, replica]) await setAll(server, args);
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "sentinel-")));
  const sentinelPort = await freePort();
  const child = startServer(
    directory,
    configOf(sentinelPort, primary.port, { ...options, sentinelPassword }),
  );
  const watcher = new Redis({
    port: sentinelPort,
    host: "localhost",
    ...(sentinelPassword === null ? {} : { password: sentinelPassword }),
    ...(certificate === undefined ? {} : { tls: { rejectUnauthorized: false } }),
  });
  watcher.on("error", () => undefined);
  await eventually(async () => {
    const replicas: unknown = await watcher.call("sentinel", "replicas", MASTER).catch(() => []);
    return Array.isArray(replicas) && replicas.length === 1;
  });
  watcher.disconnect();
  return {
    primary,
    replica,
    sentinelPort,
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
      await Promise.all([primary.stop(), replica.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function startServer(directory: string, config: readonly string[]): ChildProcess {
  const file = join(directory, "sentinel.conf");
  writeFileSync(file, `${config.join("\n")}\n`);
  const { program, before } = findRedis();
  return spawn(program, [...before, file, "--sentinel"], { stdio: "ignore" });
}

function configOf(
  port: number,
  primaryPort: number,
  { password, certificate, sentinelPassword }: SentinelOptions & { sentinelPassword: string | null },
): string[] {
  const tls =
    certificate === undefined
      ? [`port ${port}`]
      : [
          "port 0",
          `tls-port ${port}`,
          `tls-cert-file ${certificate.caFile}`,
          `tls-key-file ${certificate.keyFile}`,
          `tls-ca-cert-file ${certificate.caFile}`,
          "tls-auth-clients no",
          "tls-replication yes",
        ];
  return [
    ...tls,
    ...(sentinelPassword === null ? [] : [`requirepass ${sentinelPassword}`]),
    `sentinel monitor ${MASTER} 127.0.0.1 ${primaryPort} 1`,
    `sentinel down-after-milliseconds ${MASTER} 1000`,
    `sentinel failover-timeout ${MASTER} 5000`,
    ...(password === undefined ? [] : [`sentinel auth-pass ${MASTER} ${password}`]),
  ];
}

/** Sets `--name value` pairs of a running server, the last of which may lock out its client. */
async function setAll(server: RedisServer, args: readonly string[]): Promise<void> {
  const client = server.client();
  for (let at = args.length - 2; at >= 0; at -= 2) {
    await client.config("SET", args[at]?.slice(2) ?? "", args[at + 1] ?? "");
  }
  client.disconnect();
}
