import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The command that starts a Redis server: a program, and the arguments before the server's own. */
export type RedisCommand = { readonly program: string; readonly before: readonly string[] };

const NAMES = ["redis-server", "valkey-server"];
const IMAGE = "redis:7.0.15";

/**
 * Finds a Redis server: REDIS_SERVER_BIN, else one on the PATH, else installs it as root with apt-get, else docker.
 * @throws if there is no Redis; the message says what to do
 */
export function findRedis(): RedisCommand {
  const named = process.env["REDIS_SERVER_BIN"];
  if (named) return { program: named, before: [] };
  const found = onPath(NAMES) ?? (process.getuid?.() === 0 && onPath(["apt-get"]) ? install() : null);
  if (found !== null) return { program: found, before: [] };
  if (onPath(["docker"]) && runs("docker", ["info"])) {
    return {
      program: "docker",
      before: ["run", "--rm", "--network=host", "--volume=/tmp:/tmp", IMAGE, "redis-server"],
    };
  }
  throw new Error(
    "These tests need a Redis server: put redis-server or valkey-server on the PATH (such as by `apt-get install redis-server` as root), name one in REDIS_SERVER_BIN, or start docker.",
  );
}

function install(): string | null {
  // The system service must not run during the tests.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const options = { env, stdio: "ignore" as const };
  try {
    execFileSync("apt-get", ["update"], options);
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", "redis-server"], options);
  } catch {
    return null;
  }
  return onPath(NAMES);
}

function runs(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: "ignore", timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

function onPath(names: readonly string[]): string | null {
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const name of names) {
      const path = join(directory, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        continue;
      }
    }
  }
  return null;
}
