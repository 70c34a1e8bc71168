import { type Logger } from "../observability/logger.js";
import { readSecretFile, type SecretName } from "../settings/secret-files.js";
import { type Settings } from "../settings/settings.js";
import { table } from "../settings/table.js";

/**
 * Makes a function that returns a secret. A secret in a file is read again at each call: the file may have been
 * replaced. If it cannot be read, or holds no valid value, the last value remains, and the log says so once.
 */
export function secretReader<Name extends SecretName>(
  settings: Settings,
  name: Name,
  logger: Pick<Logger, "warn">,
): () => Settings[Name] {
  let current = settings[name];
  let known: string | null = null;
  const path = settings.SECRET_FILES[name];
  if (path === undefined) return () => current;
  return () => {
    const file = readSecretFile(path);
    const reading = "value" in file ? table[name].read(file.value) : file;
    if ("value" in reading) current = reading.value as Settings[Name];
    // Without the text of an invalid value, which may be a secret.
    const problem = "problem" in file ? file.problem : "problem" in reading ? "has no valid value" : null;
    if (problem !== null && problem !== known) {
      const setting = `${name}_FILE`;
      logger.warn({ setting, problem }, "The file of a secret cannot be used; the last value remains");
    }
    known = problem;
    return current;
  };
}
