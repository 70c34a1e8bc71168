import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { eventually } from "../eventually.js";
import { freePort } from "../processes/free-port.js";
import { type Certificate, makeCertificate } from "./certificate.js";
import { findRedis } from "./redis-binary.js";

/** A separate Redis server without files on disk. */
export class RedisServer {
  #child: ChildProcess | null = null;
  #port = 0;

  private constructor(
    private readonly directory: string,
    private readonly args: readonly string[],
    private readonly ca: string | null,
  ) {}

  /** Starts one on a free port, and waits until it answers. `args` are those of redis-server. */
  static async start(args: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(newDirectory(), args, null);
    await server.#startOnFreePort();
    return server;
  }

  /** As {@link start}, with TLS alone. Clients use the host name `localhost`. */
  static async startTls(
    certificate = makeCertificate("DNS:localhost", "IP:127.0.0.1"),
    args: readonly string[] = [],
  ): Promise<RedisServer & Certificate> {
    const { caFile, keyFile } = certificate;
    const files = ["--tls-cert-file", caFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", caFile];
    const tls = [...files, "--tls-auth-clients", "no", "--tls-replication", "yes", "--port", "0"];
    const server = new RedisServer(newDirectory(), [...tls, ...args], caFile);
    await server.#startOnFreePort();
    return Object.assign(server, certificate);
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return this.ca === null ? `redis://127.0.0.1:${this.port}` : `rediss://localhost:${this.port}`;
  }

  /** A client for a test's own reads and writes; the caller disconnects it. */
  client(): Redis {
    const client = new Redis(this.url, this.ca === null ? {} : { tls: { rejectUnauthorized: false } });
    client.on("error", () => undefined);
    return client;
  }

  /**
   * Starts it again on its port after {@link kill}, with its saved data or empty, and waits until it answers.
   * @param options.isLoading true to return at once, because the server loads for a long time
   */
  async restart(options: { args?: readonly string[]; isLoading?: boolean } = {}): Promise<void> {
    const { program, before } = findRedis();
    const own = [
      this.ca === null ? "--port" : "--tls-port",
      `${this.port}`,
      ...this.args,
      ...(options.args ?? []),
      "--save",
      "",
      "--appendonly",
      "no",
      "--dir",
      this.directory,
    ];
    const child = spawn(program, [...before, ...own], { stdio: "ignore" });
    this.#child = child;
    if (options.isLoading) return;
    const ended = once(child, "exit").then((): never => {
      throw new Error(`${program} ended: ${own.join(" ")}`);
    });
    ended.catch(() => undefined);
    const client = this.client();
    try {
      await eventually(() => Promise.race([ended, this.#answers(client)]));
    } finally {
      client.disconnect();
    }
  }

  /** Whether this server answers, and not another one that has taken its port. */
  async #answers(client: Redis): Promise<boolean> {
    try {
      await client.ping();
      const [, directory] = await client.config("GET", "dir");
      return directory === this.directory;
    } catch {
      return false;
    }
  }

  /** A port that was free may be taken before it is bound. */
  async #startOnFreePort(): Promise<void> {
    for (let left = 4; ; left -= 1) {
      this.#port = await freePort();
      try {
        await this.restart();
        return;
      } catch (error) {
        if (left === 0) throw error;
      }
    }
  }

  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/**
 * Three primaries that form a cluster. If one is lost, the others continue without its slots. They announce 127.0.0.1.
 * @param certificate default: no TLS
 */
export async function startCluster(certificate: Certificate | null = null): Promise<readonly RedisServer[]> {
  const options = [
    "--cluster-enabled",
    "yes",
    "--cluster-require-full-coverage",
    "no",
    // With a short time-out, nodes on a busy machine consider each other lost, and refuse writes.
    "--cluster-node-timeout",
    "15000",
  ];
  const start = (): Promise<RedisServer> =>
    certificate === null
      ? RedisServer.start(options)
      : RedisServer.startTls(certificate, [...options, "--tls-cluster", "yes"]);
  const servers = await Promise.all([0, 1, 2].map(start));
  const clients = servers.map((server) => server.client());
  const share = Math.ceil(16_384 / servers.length);
  await Promise.all(
    clients.map(async (client, index) => {
      await client.cluster("ADDSLOTSRANGE", index * share, Math.min(16_384, (index + 1) * share) - 1);
      if (index > 0) await client.cluster("MEET", "127.0.0.1", servers[0]?.port ?? 0);
    }),
  );
  // A node may know the others before it knows their slots; then commands are redirected, which takes longer.
  await eventually(async () => {
    const infos = await Promise.all(clients.map((client) => client.cluster("INFO")));
    return infos.every(
      (info) => info.includes("cluster_state:ok") && info.includes("cluster_slots_ok:16384"),
    );
  });
  for (const client of clients) client.disconnect();
  return servers;
}

function newDirectory(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "redis-")));
}
