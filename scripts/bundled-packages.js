// Stores the names of the packages in a bundle, so that scripts/licences.js can list all shipped packages.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

/** The folder of the package that a file belongs to, relative to the root, or null for a file of the project. */
function packageFolder(root, file) {
  const path = relative(root, file.replace(/^\0/, "").split("?")[0]).replaceAll("\\", "/");
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null;
}

/** Writes `dist/web/NAME.packages.json`: the package folders of these files. */
export function writeBundledPackages(root, name, files) {
  const folders = new Set(files.map((file) => packageFolder(root, file)));
  folders.delete(null);
  mkdirSync(join(root, "dist/web"), { recursive: true });
  writeFileSync(join(root, `dist/web/${name}.packages.json`), JSON.stringify([...folders].sort(), null, 2));
}
