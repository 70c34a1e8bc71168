import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";

/**
 * Adds the variables of an env file to the environment. A variable of the environment has precedence, unless it is
 * empty. The file may be missing.
 * @throws if the file exists but cannot be read
 */
export function addEnvFile(path: string, env: NodeJS.ProcessEnv): void {
  if (!existsSync(path)) return;
  for (const [name, value] of Object.entries(parseEnv(readFileSync(path, "utf8")))) {
    if (value !== undefined && (env[name] ?? "").trim() === "") env[name] = value;
  }
}
