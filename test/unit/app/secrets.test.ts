import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { secretReader } from "../../../src/app/secrets.js";
import { readSettings } from "../../../src/settings/settings.js";

let directory: string;
let path: string;
let lines: unknown[];
let read: () => readonly string[] | null;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "secret-"));
  path = join(directory, "redis-url");
  await writeFile(path, "redis://:first@127.0.0.1:1\n");
  const reading = readSettings({ REDIS_URL_FILE: path });
  if (!reading.ok) throw new Error(reading.problems.join());
  lines = [];
  const warn = (fields: unknown): void => void lines.push(fields);
  read = secretReader(reading.settings, "REDIS_URL", { warn });
});
afterEach(() => rm(directory, { recursive: true }));

const FIRST = ["redis://:first@127.0.0.1:1"];
const SECOND = ["redis://:second@127.0.0.1:1"];

test.each([
  ["is deleted", () => rm(path)],
  ["is emptied", () => writeFile(path, "\n")],
  ["gets an invalid value", () => writeFile(path, "secret-without-a-scheme")],
])("if the file %s, the last value remains, and the log says so once", async (_what, change) => {
  expect(read()).toEqual(FIRST);
  expect(lines).toEqual([]);
  await change();
  expect([read(), read()]).toEqual([FIRST, FIRST]);
  expect(lines).toEqual([{ setting: "REDIS_URL_FILE", problem: expect.any(String) }]);
  expect(JSON.stringify(lines)).not.toContain("secret-without");
  await writeFile(path, SECOND.join());
  expect(read()).toEqual(SECOND);
  await change();
  expect(read()).toEqual(SECOND);
  expect(lines).toHaveLength(2);
});
