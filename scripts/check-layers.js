// Runs dependency-cruiser over src/. Also fails if it has read no modules: with a TypeScript version that it cannot
// load, it reads none and reports no error.
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import config from "../.dependency-cruiser.cjs";

const result = await cruise(
  ["src"],
  { ruleSet: { forbidden: config.forbidden }, validate: true, ...config.options, outputType: "err" },
  {},
  { tsConfig: extractTSConfig("tsconfig.json") },
);
const report = typeof result.output === "string" ? result.output : "";
const modules = Number(/(\d+) modules/.exec(report)?.[1] ?? 0);
process.stdout.write(report);
if (result.exitCode !== 0 || modules < 10) {
  console.error(modules < 10 ? `Only ${modules} modules were read.` : "A layer is crossed.");
  process.exit(1);
}
