import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import ts from "typescript";
import { ROOT, textOf } from "../../support/documents.js";

type Panel = {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource: { uid: string };
  fieldConfig: { defaults: { unit: string; min: number } };
  targets: { refId: string; expr: string; legendFormat: string; datasource: { uid: string } }[];
};
type Dashboard = { templating: { list: { name: string }[] }; panels: Panel[] };

const DASHBOARD = textOf("deploy/grafana/dashboard.json");
const { panels, templating } = JSON.parse(DASHBOARD) as Dashboard;

/** The compiler's complaints of dashboards by Grafana's own types. It reads these types once for all dashboards. */
function complaints(...dashboards: readonly string[]): string[][] {
  const texts = new Map(
    dashboards.map((json, at) => [
      join(ROOT, `test/unit/documents/dashboard-${at}.ts`),
      `import type { Dashboard } from "@grafana/schema";\nexport const dashboard: Dashboard = ${json};\n`,
    ]),
  );
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const base = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...base,
    fileExists: (name) => texts.has(name) || base.fileExists(name),
    getSourceFile: (name, ...rest) => {
      const text = texts.get(name);
      return text === undefined
        ? base.getSourceFile(name, ...rest)
        : ts.createSourceFile(name, text, rest[0]);
    },
  };
  const files = [...texts.keys()];
  const program = ts.createProgram(files, options, host);
  const general = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
  return files.map((name) => {
    const file = program.getSourceFile(name);
    return [
      ...general,
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  });
}

/** The units that fit a query. */
function unitOf(expr: string): string {
  if (expr.startsWith("1 - ")) return "percentunit";
  if (expr.includes("histogram_quantile") || /_lag_\w+_seconds/.test(expr)) return "^s$";
  if (expr.includes("_bytes")) return "bytes";
  // A rate of CPU seconds is a number of cores.
  return expr.includes("rate(") && !expr.includes("cpu_seconds") ? "^(ops|reqps)$" : "short";
}

describe("the dashboard of Grafana", () => {
  const [own, mistaken] = complaints(
    DASHBOARD,
    DASHBOARD.replace('"schemaVersion": 39', '"schemaVersion": "39"'),
  );

  test("has the types of Grafana's schema", () => {
    expect(own).toEqual([]);
  });

  test("the schema refuses a mistake", () => {
    expect(mistaken).toEqual(["Type 'string' is not assignable to type 'number'."]);
  });

  test("its panels are in the 24 columns of the grid, each in a place and with an ID of its own", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => [x + (cell % w), y + Math.floor(cell / w)] as const),
    );
    expect(cells.filter(([column]) => column < 0 || column > 23)).toEqual([]);
    expect(new Set(cells.map((cell) => cell.join())).size).toBe(cells.length);
  });

  test("its queries have letters of their own, and use variables that it has", () => {
    const builtIn = "__rate_interval";
    const known = [builtIn, ...templating.list.map(({ name }) => name)];
    for (const { title, targets, datasource } of panels) {
      const letters = targets.map(({ refId }) => refId);
      expect({ title, letters: [...new Set(letters)] }).toEqual({ title, letters });
      const texts = [datasource.uid, ...targets.flatMap((target) => [target.expr, target.datasource.uid])];
      const used = texts.flatMap((text) => [...text.matchAll(/\$\{?(\w+)\}?/g)].map(([, name]) => name));
      expect(used.filter((name) => !known.includes(name ?? ""))).toEqual([]);
    }
  });

  test("its units are those of the queries, and its axes begin with 0", () => {
    for (const { title, targets, fieldConfig } of panels) {
      const units = [...new Set(targets.map(({ expr }) => unitOf(expr)))];
      expect({ title, ...fieldConfig.defaults }).toMatchObject({
        title,
        unit: units.length === 1 ? expect.stringMatching(units[0] ?? "") : "short",
        min: 0,
      });
    }
  });

  test("its legends name labels that the query keeps", () => {
    for (const { expr, legendFormat } of panels.flatMap(({ targets }) => targets)) {
      const kept = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = ""]) => labels.split(/, ?/));
      const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
      expect({ expr, missing: named.filter((label) => !kept.includes(label)) }).toEqual({
        expr,
        missing: [],
      });
    }
  });
});
