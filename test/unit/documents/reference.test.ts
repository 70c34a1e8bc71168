import { describe, expect, test } from "@jest/globals";
import { accessKey, budgetKey, createTenancy, logPrefix, pauseKey } from "../../../src/cache/keys.js";
import { GATEWAY_ERRORS } from "../../../src/errors.js";
import { createMetrics } from "../../../src/observability/metrics/metrics.js";
import { SETTINGS } from "../../../src/settings/settings.js";
import { tableRows, textOf } from "../../support/documents.js";

const readme = textOf("README.md");
const operations = textOf("docs/operations.md");

/** The formatting of table cells in README and CONTRIBUTING. */
const plain = (cell: string): string =>
  cell.replaceAll("&lt;", "<").replaceAll("\\|", "|").replaceAll("`", "");

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

test("docs/security.md lists the keys in Redis", () => {
  const tenancy = createTenancy({ secret: "secret", upstream: "upstream" });
  const { tenant } = tenancy;
  const job = { tenant, projectId: "project", jobId: "job" };
  const caller = tenancy.callerOf("token");
  const prefix = logPrefix({ ...job, filter: "filter", language: "language" });
  const keys = [
    // The filter is hashed.
    prefix.replace(/[^:]+:language$/, "filter:language:part"),
    accessKey(job, caller),
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
