import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const DOCUMENT = "docs/performance.md";

/** Puts a measured part into docs/performance.md, between the comments that name it. */
export function fillDocument(part, markdown) {
  const text = readFileSync(ROOT + DOCUMENT, "utf8");
  const [opening, closing] = [`<!-- measured: ${part} -->`, `<!-- end: ${part} -->`];
  const start = text.indexOf(opening);
  const end = text.indexOf(closing);
  if (start < 0 || end < start) throw new Error(`${DOCUMENT} has no comments for the part "${part}"`);
  const filled = `${text.slice(0, start)}${opening}\n\n${markdown}\n\n${text.slice(end)}`;
  writeFileSync(ROOT + DOCUMENT, filled);
  spawnSync("npx", ["prettier", "--log-level", "warn", "--write", DOCUMENT], { cwd: ROOT, stdio: "inherit" });
}
