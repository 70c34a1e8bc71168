import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../eventually.js";
import { freePort } from "./free-port.js";

/** A real Prometheus that scrapes one gateway. */
export type Prometheus = {
  /** `data` of an answer of its API; throws if the answer is an error. */
  ask(path: string, parameters?: Record<string, string>): Promise<unknown>;
  stop(): Promise<void>;
};

/** @param target host and port of the gateway; `rulesFile` as Prometheus reads it */
export async function startPrometheus(target: string, rulesFile: string): Promise<Prometheus> {
  const directory = await mkdtemp(join(tmpdir(), "prometheus-"));
  const port = await freePort();
  const scrape = { job_name: "modelarts-events-gateway", static_configs: [{ targets: [target] }] };
  const config = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: [rulesFile],
    scrape_configs: [scrape],
  };
  // JSON is YAML.
  await writeFile(join(directory, "prometheus.yml"), JSON.stringify(config));
  const child = spawn(
    "prometheus",
    [
      `--config.file=${directory}/prometheus.yml`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: "ignore" },
  );
  const ask: Prometheus["ask"] = async (path, parameters = {}) => {
    const url = new URL(`http://127.0.0.1:${port}/api/v1/${path}`);
    url.search = new URLSearchParams(parameters).toString();
    const answer = (await (await fetch(url)).json()) as { status: string; error?: string; data: unknown };
    if (answer.status !== "success") throw new Error(answer.error);
    return answer.data;
  };
  await eventually(() =>
    ask("status/runtimeinfo").then(
      () => true,
      () => false,
    ),
  );
  return {
    ask,
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
