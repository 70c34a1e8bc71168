import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";

/**
 * Puts what an env file says beside the real environment, which wins; an empty variable there counts as unset.
 * No file is no mistake.
 * @throws when the file is there but cannot be read
 */
export function addEnvFile(path: string, env: NodeJS.ProcessEnv): void {
  if (!existsSync(path)) return;
  for (const [name, value] of Object.entries(parseEnv(readFileSync(path, "utf8")))) {
    if (value !== undefined && (env[name] ?? "").trim() === "") env[name] = value;
  }
}
