import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "@jest/globals";
import { ROOT } from "../support/documents.js";

/** Runs a checker, which has its own upstream and its own model of each log. */
async function run(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  const report = await text(child.stdout);
  const [code, signal] = (await ended) as [number | null, string | null];
  return `${report}exit: ${code ?? signal}`;
}

test("2,000 walks, and pages around a place and counts between them, show each event of a log once", async () => {
  const report = await run("scripts/walks/main.js", "--walks", "2000", "--seed", "1");
  expect(report).toContain("\n0 wrong of 2000 walks");
  expect(report).toContain("exit: 0");
}, 600_000);

test("pages stay correct while the upstream, Redis and the gateways fail by a schedule", async () => {
  const report = await run("scripts/chaos/main.js", "--minutes", "0.1", "--seed", "1");
  expect(report).toContain("\n0 violations");
  expect(report).toContain("exit: 0");
}, 600_000);
