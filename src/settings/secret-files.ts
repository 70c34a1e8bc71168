import { readTextFile } from "./text-file.js";
import { type table } from "./table.js";

/** The variables whose values can be in a file, which the variable with `_FILE` names. */
const SECRETS = [
  "HUAWEICLOUD_SDK_AK",
  "HUAWEICLOUD_SDK_SK",
  "HUAWEICLOUD_SDK_SECURITY_TOKEN",
  "IAM_PASSWORD",
  "REDIS_URL",
  "CACHE_KEY_SECRET",
] as const satisfies readonly (keyof typeof table)[];

export type SecretName = (typeof SECRETS)[number];

/** The paths of the files that hold secrets. */
export type SecretFiles = Readonly<Partial<Record<SecretName, string>>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** A secret in a file, or the line about the mistake. Null without a file. */
type FileReading = { readonly text: string; readonly path: string } | { readonly line: string } | null;

export function isSecret(name: string): name is SecretName {
  return (SECRETS as readonly string[]).includes(name);
}

/** Reads the file of a secret. */
export function readSecretOf(name: string, env: Environment): FileReading {
  const variable = `${name}_FILE`;
  const path = env[variable]?.trim() ?? "";
  if (!isSecret(name) || path === "") return null;
  if ((env[name] ?? "").trim() !== "") {
    return { line: `${name}, ${variable}: both are set; allowed: one of them` };
  }
  const file = readSecretFile(path);
  return "problem" in file
    ? {
        line: `${variable}: ${JSON.stringify(path)} ${file.problem}; allowed: the path of a file with a value`,
      }
    : { text: file.value, path };
}

/** Reads a secret without the line break at the end of the file. The path is opened anew, so links are followed. */
export function readSecretFile(path: string): ReturnType<typeof readTextFile> {
  const file = readTextFile(path);
  if ("problem" in file) return file;
  const value = file.value.replace(/\r?\n$/, "");
  return value.trim() === "" ? { problem: "names an empty file" } : { value };
}
