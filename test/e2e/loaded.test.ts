import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { startGateway } from "../support/processes/gateway-process.js";

/** The URLs of all modules that a gateway with this environment has loaded by the time that it is ready. */
async function loadedBy(env: Record<string, string>): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), "loaded-"));
  const gateway = await startGateway({ ...env, NODE_V8_COVERAGE: directory }, { redisTrouble: true });
  await gateway.stop();
  const reports = await Promise.all(
    (await readdir(directory)).map((name) => readFile(join(directory, name), "utf8")),
  );
  await rm(directory, { recursive: true });
  return reports.flatMap((text) =>
    (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url),
  );
}

const OPTIONAL_MODULES = [
  "/dist/simulator/",
  "/node_modules/ioredis/",
  "/node_modules/zod/",
  // Only its API is always loaded, because prom-client uses it.
  "/node_modules/@opentelemetry/core/",
  "/node_modules/@opentelemetry/sdk-trace-base/",
  "/node_modules/@opentelemetry/exporter-trace-otlp-proto/",
];
const optionalModulesOf = (urls: readonly string[]): string[] =>
  OPTIONAL_MODULES.filter((part) => urls.some((url) => url.includes(part)));

test("with an upstream, but without Redis and traces, the simulator and the libraries of Redis and traces are not loaded", async () => {
  const urls = await loadedBy({ MODELARTS_ENDPOINT: "http://127.0.0.1:1" });
  expect(urls.some((url) => url.includes("/dist/app/app.js"))).toBe(true);
  expect(optionalModulesOf(urls)).toEqual([]);
});

test("they are loaded if they are needed", async () => {
  const env = { REDIS_URL: "redis://127.0.0.1:1", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" };
  expect(optionalModulesOf(await loadedBy(env))).toEqual(OPTIONAL_MODULES);
});
