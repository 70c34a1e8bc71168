import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, test } from "@jest/globals";
import { ROOT } from "../support/documents.js";

/** The checker has its own upstream and its own model of each log. */
test("2,000 walks over logs that stand, grow, burst, roll, fail or lag give each event once", async () => {
  const args = ["scripts/walks/main.js", "--walks", "2000", "--seed", "1"];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  const report = await text(child.stdout);
  expect(report).toContain("0 wrong of 2000 walks");
  expect(await ended).toEqual([0, null]);
}, 600_000);
