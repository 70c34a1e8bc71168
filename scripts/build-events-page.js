// Builds examples/events-page into dist/web/events, with a compressed copy of each file.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

await build({ root: join(ROOT, "examples/events-page"), logLevel: "warn" });
const assets = join(ROOT, "dist/web/events/assets");
for (const name of readdirSync(assets)) {
  writeFileSync(join(assets, `${name}.gz`), gzipSync(readFileSync(join(assets, name))));
}
