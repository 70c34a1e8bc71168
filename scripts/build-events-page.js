// Builds examples/events-page into dist/web/events, with a compressed copy of each file.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { writeBundledPackages } from "./bundled-packages.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The files of the modules that are in the bundle. */
const bundled = [];
const notePackages = {
  name: "note-packages",
  generateBundle: (_options, bundle) => {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === "chunk") bundled.push(...Object.keys(chunk.modules), ...chunk.moduleIds);
    }
  },
};

await build({ root: join(ROOT, "examples/events-page"), plugins: [notePackages], logLevel: "warn" });
writeBundledPackages(ROOT, "events", bundled);
const assets = join(ROOT, "dist/web/events/assets");
for (const name of readdirSync(assets)) {
  writeFileSync(join(assets, `${name}.gz`), gzipSync(readFileSync(join(assets, name))));
}
