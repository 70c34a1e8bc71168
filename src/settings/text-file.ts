import { readFileSync } from "node:fs";

/** The text of a file, or the problem, as the rest of a sentence that begins with the name of a setting. */
export function readTextFile(path: string): { readonly value: string } | { readonly problem: string } {
  try {
    return { value: readFileSync(path, "utf8") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { problem: `names a file that cannot be read (${code})` };
  }
}
