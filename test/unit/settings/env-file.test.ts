import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { addEnvFile } from "../../../src/settings/env-file.js";

const directory = mkdtempSync(join(tmpdir(), "env-file-"));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

test("sets variables that are absent or empty in the environment", () => {
  const path = join(directory, ".env");
  writeFileSync(
    path,
    '# a comment\nPORT=1\nHOST="0.0.0.0" # all\nLOG_LEVEL=debug\nexport REDIS_URL=redis://r\n',
  );
  const env = { PORT: "2", LOG_LEVEL: "" };
  addEnvFile(path, env);
  expect(env).toEqual({ PORT: "2", HOST: "0.0.0.0", LOG_LEVEL: "debug", REDIS_URL: "redis://r" });
});

test("a missing file is valid", () => {
  const env = { PORT: "2" };
  addEnvFile(join(directory, "none"), env);
  expect(env).toEqual({ PORT: "2" });
});

test("a file that cannot be read is an error", () => {
  expect(() => {
    addEnvFile(directory, {});
  }).toThrow("EISDIR");
});
