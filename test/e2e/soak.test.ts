import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "@jest/globals";
import { ROOT } from "../support/documents.js";

/** A small soak, so that the command works and rolling restarts are seen in each run of the tests. */
async function soak(minutes: number, ...more: string[]): Promise<{ code: number | null; report: string }> {
  const size = [
    "--minutes",
    `${minutes}`,
    "--rate",
    "20",
    "--streams",
    "8",
    "--jobs",
    "3",
    "--pauseSeconds",
    "0.5",
    "--delaySeconds",
    "2",
  ];
  const child = spawn(process.execPath, ["scripts/soak/main.js", ...size, ...more], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const report = await text(child.stdout);
  const [code] = (await ended) as [number | null];
  return { code, report };
}

test("a rolling restart fails no request, and loses and repeats no event", async () => {
  const { code, report } = await soak(0.2);
  expect(report).toMatch(/^ok {4}requests answered +\d{2,}$/m);
  expect(report).toMatch(/^ok {4}streams interrupted +[1-9]\d*$/m);
  expect(report).not.toContain("FAIL");
  expect(code).toBe(0);
});

test("the soak notices processes that do not stop in order", async () => {
  const { code, report } = await soak(0.05, "--signal", "SIGKILL");
  expect(report).toMatch(/^FAIL {2}stops without exit code 0 +[1-9]\d*$/m);
  expect(code).toBe(1);
});
