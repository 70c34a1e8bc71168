import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "../eventually.js";
import { metricOf } from "./load.js";
import { LONG_LOCKS } from "../redis/redis-lock-clock.js";
import { PATIENT_WITH_REDIS } from "../redis/patient-redis.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** The built program. */
export const MAIN = join(ROOT, "dist", "main.js");

/** The output and exit code of an ended process. */
type Ending = {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** The built gateway as a separate process; `npm test` builds it first. */
export type GatewayProcess = {
  /** Of the graph, as the ready line says. */
  readonly url: string;
  readonly pid: number;
  stdout(): string;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Ending>;
  /** Ends it by SIGINT. */
  stop(): Promise<Ending>;
};

export type StartOptions = {
  /** Text of a `.env` file in the working directory. Default: there is none. */
  readonly envFile?: string;
  /** Default: `node dist/main.js` in an empty directory. */
  readonly npmStart?: boolean;
  /** Another copy of the built program. */
  readonly main?: string;
  /**
   * Whether the test disturbs Redis. Default: false; then the gateway is ready only when it uses Redis, and waits for
   * every answer of Redis.
   */
  readonly redisTrouble?: boolean;
  /** Whether the locks in Redis last so long that no owner is too late to renew them. */
  readonly longLocks?: boolean;
};

/** Runs the gateway with these variables and a free port, without other settings from this process. */
export async function runGateway(
  env: Record<string, string> = {},
  options: StartOptions = {},
): Promise<Running> {
  const directory = await mkdtemp(join(tmpdir(), "gateway-"));
  if (options.envFile !== undefined) await writeFile(join(directory, ".env"), options.envFile);
  const inherited = { PATH: process.env["PATH"] ?? "", HOME: directory };
  const spawned = { env: { ...inherited, PORT: "0", ...env }, stdio: "pipe" as const };
  const child = options.npmStart
    ? spawn("npm", ["start", "--silent"], { ...spawned, cwd: ROOT })
    : spawn(process.execPath, [...flagsOf(env, options), options.main ?? MAIN], {
        ...spawned,
        cwd: directory,
      });
  return new Running(child, directory);
}

function usesRedis(env: Record<string, string>, { redisTrouble = false }: StartOptions): boolean {
  return env["REDIS_URL"] !== undefined && !redisTrouble;
}

function flagsOf(env: Record<string, string>, options: StartOptions): string[] {
  const patient = usesRedis(env, options) ? ["--import", PATIENT_WITH_REDIS] : [];
  const longLocks = options.longLocks === true ? ["--import", LONG_LOCKS] : [];
  return ["--enable-source-maps", ...patient, ...longLocks];
}

/** As {@link runGateway}, once it is ready and uses its Redis. */
export async function startGateway(
  env: Record<string, string> = {},
  options: StartOptions = {},
): Promise<GatewayProcess> {
  const running = await runGateway(env, options);
  const url = await running.ready();
  // A gateway starts without Redis if Redis is not up soon.
  if (usesRedis(env, options)) await eventually(async () => (await metricOf(url, "cache_redis_up")) === 1);
  return {
    url,
    pid: running.pid,
    stdout: () => running.stdout,
    signal: (name) => {
      running.signal(name);
    },
    ended: running.ended,
    stop: () => {
      running.signal("SIGINT");
      return running.ended;
    },
  };
}

/** A gateway that was started. It may never become ready. */
class Running {
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess, directory: string) {
    this.#child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.ended = once(child, "close").then(async ([exitCode]: (number | null)[]) => {
      await rm(directory, { recursive: true, force: true });
      return { exitCode: exitCode ?? null, stdout: this.stdout, stderr: this.stderr };
    });
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("The gateway did not start.");
    return pid;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The URL of the ready line. */
  async ready(): Promise<string> {
    const found = (): string | undefined => /^ready: (.+)$/m.exec(this.stdout)?.[1];
    const seen = new Promise<string>((resolve) => {
      const look = (): void => {
        const url = found();
        if (url !== undefined) resolve(url);
      };
      this.#child.stdout?.on("data", look);
      look();
    });
    const early = this.ended.then(({ exitCode, stderr }): never => {
      throw new Error(`The gateway ended with ${exitCode ?? "a signal"} before it was ready: ${stderr}`);
    });
    return Promise.race([seen, early]);
  }
}
