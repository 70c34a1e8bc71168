import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { grantKey, budgetKey, createTenancy, logPrefix, pauseKey } from "../../../src/cache/keys.js";
import { GATEWAY_ERRORS } from "../../../src/errors.js";
import { createMetrics } from "../../../src/observability/metrics/metrics.js";
import { SETTINGS } from "../../../src/settings/settings.js";
import { ROOT, tableRows, textOf } from "../../support/documents.js";

const readme = textOf("README.md");
const operations = textOf("docs/operations.md");

/** The formatting of table cells in README and CONTRIBUTING. */
const plain = (cell: string): string =>
  cell.replaceAll("&lt;", "<").replaceAll("\\|", "|").replaceAll("`", "");

/** The texts of all source files. */
function sources(): string[] {
  const folder = join(ROOT, "src");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => readFileSync(join(folder, path), "utf8"));
}

describe("settings", () => {
  test("README's table has each with its default and meaning; `npm run settings` writes it", () => {
    const [, section = ""] = readme.split(/<!-- \/?settings.*-->/);
    expect(tableRows(section).map((row) => row.map(plain))).toEqual(
      SETTINGS.map(({ name, default: fallback, meaning }) => [name, fallback, meaning]),
    );
  });

  test(".env.example has each setting, commented out, with meaning, values and default", () => {
    const [, ...entries] = textOf(".env.example").trim().split("\n\n");
    expect(entries.map((entry) => entry.split("\n"))).toEqual(
      SETTINGS.map(({ name, default: fallback, meaning, allowed }) => [
        `# ${meaning}`,
        `# Allowed: ${allowed}.`,
        `# Default: ${fallback}`,
        expect.stringMatching(new RegExp(`^#${name}=`)),
      ]),
    );
  });

  test(".env.example without the # sets only defaults", () => {
    const assignments = textOf(".env.example").match(/^#[A-Z_]+=.*$/gm) ?? [];
    for (const { name, default: fallback } of SETTINGS) {
      const value = assignments.find((line) => line.startsWith(`#${name}=`))?.slice(name.length + 2);
      expect(["", fallback]).toContain(value);
    }
  });

  test("docs/operations.md names each setting", () => {
    const missing = SETTINGS.filter(({ name }) => !operations.includes(`\`${name}\``));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});

test("docs/operations.md has a link to each of its sections before the first one", () => {
  const [contents = "", ...sections] = operations.split(/^## /m);
  const anchors = sections.map(
    (section) => `(#${(section.split("\n")[0] ?? "").toLowerCase().replaceAll(" ", "-")})`,
  );
  expect(anchors.filter((anchor) => !contents.includes(anchor))).toEqual([]);
});

test("docs/front-end.md has advice for each error code", () => {
  const [, section = ""] = textOf("docs/front-end.md").split("## Errors");
  const codes = tableRows(section).flatMap(([cell = ""]) =>
    cell.split(",").map((code) => plain(code).trim()),
  );
  expect(codes.sort()).toEqual(Object.keys(GATEWAY_ERRORS).sort());
});

test("docs/operations.md lists the gateway's own metrics", () => {
  const [, section = ""] = operations.split("## Metrics");
  const listed = tableRows(section.split("\n## ")[0] ?? "").map(([name = ""]) => plain(name));
  const own = createMetrics()
    .registry.getMetricsAsArray()
    .map(({ name }) => name)
    .filter((name) => !/^(process|nodejs)_/.test(name));
  expect(listed.sort()).toEqual(own.sort());
});

describe("docs/operations.md lists the messages of the log", () => {
  const [, section = ""] = operations.split("## Logs");
  const rows = tableRows(section.split("\n## ")[0] ?? "");
  const code = sources().join("\n");

  test("each is one of the code", () => {
    const listed = rows.flatMap(([, messages = ""]) =>
      [...messages.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text),
    );
    expect(listed.length).toBeGreaterThan(20);
    const parts = listed.flatMap((message) => message.split("…")).filter((part) => part !== "");
    expect(parts.filter((part) => !code.includes(part.trim()))).toEqual([]);
  });

  test("each above debug level is listed, except those that a table of the code holds", () => {
    const calls = code.matchAll(/\blogger(?:\.(?:info|warn|error|fatal)|\[[^\]]+\])\(([^;]*);/g);
    const written = [...calls].flatMap(([, args = ""]) => /"([^"]+)",?\s*\)$/.exec(args)?.[1] ?? []);
    expect(written.length).toBeGreaterThan(20);
    const text = rows.flat().join("\n");
    // The list shortens long messages after their first sentence or clause.
    const isListed = (message: string): boolean =>
      text.includes(message) || text.includes(`${message.split(/(?<=[.:]) /)[0] ?? ""} …`);
    expect(written.filter((message) => !isListed(message))).toEqual([]);
  });
});

test("docs/security.md lists the keys in Redis", () => {
  const tenancy = createTenancy({ secret: "secret", upstream: "upstream" });
  const { tenant } = tenancy;
  const job = { tenant, projectId: "project", jobId: "job" };
  const caller = tenancy.callerOf("token");
  const prefix = logPrefix({ ...job, filter: "filter", language: "language" });
  const keys = [
    // The filter is hashed.
    prefix.replace(/[^:]+:language$/, "filter:language:part"),
    grantKey(job, caller),
    pauseKey(job, null),
    budgetKey(tenant, "caller"),
  ].map((key) => key.replace(tenant, "tenant").replace(caller, "caller"));
  const [, section = ""] = textOf("docs/security.md").split("## Data in Redis");
  const documented = tableRows(section.split("\n#")[0] ?? "").map(([cell = ""]) => cell.split("`")[1] ?? "");
  expect(documented.filter((key) => key.startsWith("mae:"))).toEqual(keys);
  const [channels] = tenancy.channelOf(pauseKey(job, null)).match(/^.*:/) ?? [];
  expect(section).toContain(`\`${channels ?? ""}\``);
});

test("docs/decisions.md has a reason for each runtime dependency", () => {
  const { dependencies } = JSON.parse(textOf("package.json")) as { dependencies: Record<string, string> };
  const [, section = ""] = textOf("docs/decisions.md").split("## Runtime dependencies");
  expect(tableRows(section).map(([name = ""]) => plain(name))).toEqual(Object.keys(dependencies));
});
