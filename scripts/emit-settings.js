// Writes the documentation of all settings: the table in README.md, and .env.example. `npm run settings` builds
// first.
import { readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { SETTINGS } from "../dist/settings/settings.js";

const at = (name) => new URL(`../${name}`, import.meta.url);
const cell = (text) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

const rows = SETTINGS.map(
  (setting) => `| \`${setting.name}\` | ${cell(setting.default)} | ${cell(setting.meaning)} |`,
);
const table = ["| variable | default | meaning |", "| --- | --- | --- |", ...rows].join("\n");
const readme = readFileSync(at("README.md"), "utf8").replace(
  /(<!-- settings: .+ -->\n)[^]*(<!-- \/settings -->)/,
  (_all, start, end) => `${start}\n${table}\n\n${end}`,
);
writeFileSync(at("README.md"), await format(readme, { parser: "markdown" }));

// A default that depends on other settings is a sentence, which is not a value for .env.example.
const example = SETTINGS.map((setting) => {
  const written = /[ :]/.test(setting.default) || setting.default === "unset" ? "" : setting.default;
  return `# ${setting.meaning}\n# Allowed: ${setting.allowed}.\n# Default: ${setting.default}\n#${setting.name}=${written}\n`;
});
writeFileSync(
  at(".env.example"),
  `# Copy to .env and remove the # before the settings that you change. The environment has precedence over this file.\n\n${example.join("\n")}`,
);
