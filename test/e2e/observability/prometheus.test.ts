import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventually } from "../../support/eventually.js";
import { askEvents } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { type Prometheus, startPrometheus } from "../../support/processes/prometheus.js";
import { RedisServer } from "../../support/redis/redis.js";

const pathOf = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const RULES = pathOf("deploy/prometheus/rules.yml");
const RULE_TESTS = pathOf("deploy/prometheus/rules.test.yml");

type Alert = { alert: string; expr: string; annotations: { summary: string; runbook_url: string } };
type Dashboard = { panels: { title: string; targets: { expr: string }[] }[] };

const { groups } = parse(readFileSync(RULES, "utf8")) as { groups: { rules: Alert[] }[] };
const alerts = groups.flatMap(({ rules }) => rules);
const dashboard = JSON.parse(readFileSync(pathOf("deploy/grafana/dashboard.json"), "utf8")) as Dashboard;
const queries = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => ({
    title,
    // As Grafana fills them in.
    expr: expr.replaceAll("$__rate_interval", "1m").replaceAll("$instance", ".*"),
  })),
);

let simulator: Simulator;
let redis: RedisServer;
let gateway: GatewayProcess;
let prometheus: Prometheus;

beforeAll(async () => {
  [simulator, redis] = await Promise.all([startSimulator(), RedisServer.start()]);
  gateway = await startGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    REDIS_URL: redis.url,
  });
  await askEvents(gateway.url, { id: "events-100" });
  await askEvents(gateway.url, { id: "events-100" });
  prometheus = await startPrometheus(new URL(gateway.url).host, RULES);
});

afterAll(async () => {
  await prometheus.stop();
  await gateway.stop();
  await Promise.all([simulator.close(), redis.stop()]);
});

/** The metrics that an expression reads. */
const namesIn = (expr: string): string[] =>
  [...expr.matchAll(/\b([a-z]+(?:_[a-z0-9]+)+)\b(?=[{[ )]|$)/g)]
    .map(([, name = ""]) => name)
    .filter((name) => !["histogram_quantile", "rate_interval"].includes(name));

/** The names that the gateway exports, those of a histogram's series included. */
async function exported(): Promise<Set<string>> {
  const text = await (await fetch(new URL("/metrics", gateway.url))).text();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = "", type]) =>
      type === "histogram" ? ["_bucket", "_sum", "_count"].map((end) => `${name}${end}`) : [name],
    ),
  );
}

test("Prometheus scrapes the gateway, and evaluates each alert without an error", async () => {
  await eventually(async () => {
    const { result } = (await prometheus.ask("query", { query: "up" })) as {
      result: { value: [number, string] }[];
    };
    return result[0]?.value[1] === "1";
  });
  type Rule = { name: string; health: string; lastError?: string };
  const rules = async (): Promise<Rule[]> => {
    const { groups: found } = (await prometheus.ask("rules")) as { groups: { rules: Rule[] }[] };
    return found.flatMap((group) => group.rules);
  };
  await eventually(async () => (await rules()).every(({ health }) => health !== "unknown"));
  const evaluated = await rules();
  expect(evaluated.map(({ name }) => name)).toEqual(alerts.map(({ alert }) => alert));
  expect(evaluated.filter(({ health }) => health !== "ok")).toEqual([]);
});

test("each query of the dashboard is valid", async () => {
  for (const { expr } of queries) await prometheus.ask("query", { query: expr });
});

test("queries about past events have an answer", async () => {
  for (const title of ["Requests by status", "Operations by name", "Redis", "Versions", "Memory"]) {
    const expr = queries.find((query) => query.title === title)?.expr ?? "";
    await eventually(async () => {
      const { result } = (await prometheus.ask("query", { query: expr })) as { result: unknown[] };
      return result.length > 0;
    });
  }
});

test("each metric that an alert or a panel reads is one of the gateway's", async () => {
  const known = await exported();
  const read = [...alerts, ...queries].flatMap(({ expr }) => namesIn(expr));
  expect(read.length).toBeGreaterThan(40);
  expect([...new Set(read)].filter((name) => !known.has(name))).toEqual([]);
});

test("each metric of the gateway is on the dashboard", async () => {
  const shown = new Set(queries.flatMap(({ expr }) => namesIn(expr)));
  const own = [...(await exported())].filter((name) => !/^(process|nodejs)_/.test(name));
  // One series of a histogram is enough.
  const base = (name: string): string => name.replace(/_(bucket|sum|count)$/, "");
  const bases = new Set([...shown].map(base));
  expect(own.filter((name) => !bases.has(base(name)))).toEqual([]);
});

test("each alert fires when it should, and is silent when it should not", () => {
  const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", RULE_TESTS], {
    encoding: "utf8",
  });
  expect({ status, output: `${stdout}${stderr}` }).toMatchObject({ status: 0 });
  const { tests } = parse(readFileSync(RULE_TESTS, "utf8")) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
  };
  const cases = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
  for (const { alert } of alerts) {
    const outcomes = cases
      .filter(({ alertname }) => alertname === alert)
      .map(({ exp_alerts }) => exp_alerts.length > 0);
    expect({ alert, outcomes: [...new Set(outcomes)].sort() }).toEqual({ alert, outcomes: [false, true] });
  }
});

test("the metrics of alerts on a first increase start at 0", async () => {
  const metrics = await (await fetch(new URL("/metrics", gateway.url))).text();
  for (const series of [
    'graphql_operations_total{outcome="INTERNAL_SERVER_ERROR"}',
    'jwt_refusals_total{reason="keys_unavailable"}',
    'modelarts_broken_laws_total{law="order"}',
    'modelarts_unknown_values_total{field="level"}',
    'modelarts_breaker_transitions_total{scope="upstream",state="open"}',
    'live_refusals_total{reason="full"}',
    'live_refusals_total{reason="caller_full"}',
  ]) {
    expect(metrics).toContain(`\n${series} 0\n`);
  }
});

test("each alert has a runbook", () => {
  const headings = readFileSync(pathOf("docs/operations.md"), "utf8").match(/^### .+$/gm) ?? [];
  const anchors = headings.map((heading) => `docs/operations.md#${heading.slice(4).toLowerCase()}`);
  expect(
    alerts.map(({ annotations }) => annotations.runbook_url).filter((url) => !anchors.includes(url)),
  ).toEqual([]);
});
