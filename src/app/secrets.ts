import { readSecretFile, type SecretName } from "../settings/secret-files.js";
import { type Settings } from "../settings/settings.js";
import { table } from "../settings/table.js";

/**
 * Makes a function that returns a secret. A secret in a file is read again at each call: the file may have been
 * replaced. If it cannot be read, or holds no valid value, the last value remains.
 */
export function secretReader<Name extends SecretName>(settings: Settings, name: Name): () => Settings[Name] {
  let current = settings[name];
  const path = settings.SECRET_FILES[name];
  if (path === undefined) return () => current;
  return () => {
    const file = readSecretFile(path);
    const reading = "value" in file ? table[name].read(file.value) : file;
    if ("value" in reading) current = reading.value as Settings[Name];
    return current;
  };
}
