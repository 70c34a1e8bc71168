import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { LAWS_KEPT, type Laws } from "../../../src/simulator/laws.js";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { ROOT } from "../../support/documents.js";

const MAIN = join(ROOT, "dist", "app", "probe", "main.js");
const CALLS_MAX = 20;

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterEach(() => {
  simulator.reset();
});
afterAll(() => simulator.close());

type Report = { readonly code: number; readonly output: string };

function probe(jobId: string, env: Record<string, string> = {}): Promise<Report> {
  const settings = {
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_PROJECT_ID: "demo-project",
    MODELARTS_AUTH: "none",
    ...env,
  };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, jobId],
      { cwd: tmpdir(), env: { PATH: process.env["PATH"] ?? "", ...settings } },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
      },
    );
  });
}

const failedRules = ({ output }: Report): string[] =>
  Array.from(output.matchAll(/^FAIL (.+?):/gm), ([, rule = ""]) => rule);

describe("the probe of a region", () => {
  test.each(["row", "page"])("names the setting for an upstream whose offsets count %ss", async (unit) => {
    simulator.set({ pageOffsets: unit === "page" });
    const report = await probe("events-1000");
    expect(report.output).toContain(`Set MODELARTS_OFFSET=${unit}.`);
    expect(report.code).toBe(0);
    expect(simulator.calls.total).toBeLessThanOrEqual(CALLS_MAX);
  });

  test.each<[string, Partial<Laws>]>([
    ["order", { orderIgnored: true }],
    ["limit", { limitMax: 50 }],
    ["total", { total: 3 }],
    ["offset", { offsetIgnored: true }],
    ["level", { filtersIgnored: ["level"] }],
    ["source", { filtersIgnored: ["source"] }],
    ["time", { filtersIgnored: ["time"] }],
    ["pattern", { filtersIgnored: ["pattern"] }],
  ])("names the broken rule for `%s`", async (rule, broken) => {
    simulator.set({ brokenLaws: { ...LAWS_KEPT, ...broken } });
    const report = await probe("events-1000");
    expect(failedRules(report)).toContain(rule);
    expect(report.code).toBe(1);
    expect(simulator.calls.total).toBeLessThanOrEqual(CALLS_MAX);
  });

  test("shows the answer of ModelArts if the job cannot be read", async () => {
    const report = await probe("missing");
    expect(report.code).toBe(1);
    expect(report.output).toContain("ModelArts.2775");
  });

  test("without an endpoint or with bad settings it exits with 78", async () => {
    expect(await probe("events-1000", { MODELARTS_ENDPOINT: "" })).toMatchObject({ code: 78 });
    expect(await probe("events-1000", { UPSTREAM_TIMEOUT_MS: "soon" })).toMatchObject({ code: 78 });
  });
});
