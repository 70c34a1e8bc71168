import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { request } from "undici";
import { LAWS, publish } from "../../../src/modelarts/channels.js";
import { createLogger } from "../../../src/observability/logger.js";
import { createMetrics } from "../../../src/observability/metrics/metrics.js";
import { observeUpstream } from "../../../src/observability/upstream.js";
import { startStubGateway, type StubGateway } from "../../support/processes/stub-http-gateway.js";
import { eventually } from "../../support/eventually.js";

let gateway: StubGateway;
beforeAll(async () => {
  gateway = await startStubGateway();
});
afterAll(() => gateway.close());

async function ask(
  method: "GET" | "POST" | "PUT",
  path: string,
  body: string | null = null,
): Promise<string> {
  const headers: Record<string, string> = body === null ? {} : { "content-type": "application/json" };
  return (await request(`${gateway.url}${path}`, { method, headers, body })).body.text();
}

test("a request is one line, with the operation's name cut and the outcome's code", async () => {
  await ask("POST", "/graphql", JSON.stringify({ query: `query ${"N".repeat(200)} { broken }` }));
  await eventually(() => gateway.log.length === 1);
  expect(gateway.log[0]).toEqual({
    level: "info",
    time: expect.stringMatching(/^\d{4}-.+Z$/),
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    method: "POST",
    route: "/graphql",
    status: 200,
    durationMs: expect.any(Number),
    operationName: "N".repeat(100),
    // The gateway's Apollo Server has not the gateway's format of errors, so the code is Apollo's.
    code: "INTERNAL_SERVER_ERROR",
    msg: "request",
  });
});

test("where JWTs identify callers, a token without use does not appear as the caller", async () => {
  const caller = { refusal: null, untilMs: Infinity, caller: "subject" };
  const withJwt = await startStubGateway({
    jwt: { known: () => caller, check: () => Promise.resolve(caller) },
  });
  const send = async (path: string, accept: string): Promise<void> => {
    const headers = { "content-type": "application/json", "x-auth-token": "anything", accept };
    const sent = { method: "POST", headers, body: '{"query":"{ hello }"}' } as const;
    await (await request(`${withJwt.url}${path}`, sent)).body.dump();
  };
  await send("/graphql", "application/json");
  await send("/graphql/stream", "text/event-stream");
  const callers = (): unknown[] => withJwt.log.map((line) => [line["msg"], line["caller"]]);
  await eventually(() => callers().length === 3);
  expect(callers()).toEqual([
    ["request", "subject"],
    ["operation", "subject"],
    ["request", "subject"],
  ]);
  await withJwt.close();
});

test("the duration of an event stream at /graphql is not one of its answers", async () => {
  const streaming = await startStubGateway();
  const body = '{"query":"{ hello }"}';
  for (const accept of ["application/json", "text/event-stream"]) {
    const headers = { "content-type": "application/json", accept };
    await (await request(`${streaming.url}/graphql`, { method: "POST", headers, body })).body.dump();
  }
  const requests = () => streaming.log.filter(({ msg, method }) => msg === "request" && method === "POST");
  await eventually(() => requests().length === 2);
  const metrics = await (await request(`${streaming.url}/metrics`)).body.text();
  await streaming.close();
  expect(requests().map(({ route }) => route)).toEqual(["/graphql", "/graphql/stream"]);
  expect(metrics).toContain('http_request_duration_seconds_count{route="/graphql",status="200"} 1');
  expect(metrics).toContain('http_request_duration_seconds_count{route="/graphql/stream",status="200"} 1');
});

test("probes are logged at debug", async () => {
  await ask("GET", "/healthz");
  await eventually(() => gateway.log.length === 2);
  expect(gateway.log[1]).toMatchObject({ level: "debug", route: "/healthz" });
});

test("labels contain no text of the caller, except names of operations that succeeded", async () => {
  await ask("GET", "/no-such-path-1");
  await ask("PUT", "/graphql?no-such-query-1=1", "{}");
  await ask("POST", "/graphql", JSON.stringify({ query: "query NoSuchName1 { hello }" }));
  await ask("POST", "/graphql", JSON.stringify({ query: "{" }));
  await ask("POST", "/graphql", "{}");
  await eventually(() => gateway.log.length === 7);
  const metrics = await ask("GET", "/metrics");
  expect(metrics).toContain('http_request_duration_seconds_count{route="unmatched",status="404"} 1');
  expect(metrics).toContain('http_request_duration_seconds_count{route="unmatched",status="405"} 1');
  expect(metrics).toContain('graphql_operations_total{outcome="OK"} 1');
  expect(metrics).toContain('graphql_operations_total{outcome="GRAPHQL_PARSE_FAILED"} 1');
  expect(metrics).toContain('graphql_operations_total{outcome="BAD_REQUEST"} 1');
  expect(metrics).toContain("process_cpu_seconds_total");
  expect(metrics).toContain(
    'graphql_operation_duration_seconds_count{operation="NoSuchName1",outcome="OK"} 1',
  );
  expect(metrics.replaceAll('operation="NoSuchName1"', "")).not.toMatch(/no-?such/i);
});

const circuit = { scope: "upstream", projectId: null, jobId: null, requestId: "r" } as const;

test("messages of the ModelArts client are counted until the observation ends", async () => {
  const metrics = createMetrics();
  const log: string[] = [];
  const end = observeUpstream(metrics, createLogger("debug", { write: (line) => log.push(line) }));
  const tried = {
    projectId: "p",
    jobId: "j",
    requestId: "r",
    upstreamRequestId: null,
    attempt: 1,
    durationMs: 30,
    status: 200,
    fault: null,
    code: null,
    reason: null,
    upstreamCode: null,
  };
  publish("gateway:modelarts:try", tried);
  publish("gateway:modelarts:try", { ...tried, status: 429, code: "RATE_LIMITED", reason: "throttled" });
  publish("gateway:modelarts:try", {
    ...tried,
    status: null,
    fault: "ABORTED",
    code: "UPSTREAM_UNAVAILABLE",
    reason: "abandoned",
  });
  publish("gateway:modelarts:breaker", {
    ...circuit,
    state: "open",
    previous: "closed",
  });
  publish("gateway:modelarts:unknown-value", { requestId: "r", field: "level", value: "Debug", count: 3 });
  end();
  publish("gateway:modelarts:try", tried);
  const text = await metrics.registry.metrics();
  expect(text).toContain('modelarts_try_duration_seconds_count{outcome="OK"} 1');
  expect(text).toContain('modelarts_try_duration_seconds_count{outcome="RATE_LIMITED"} 1');
  expect(text).toContain('modelarts_try_duration_seconds_count{outcome="ABANDONED"} 1');
  expect(text).not.toContain("UPSTREAM_UNAVAILABLE");
  expect(text).toContain('modelarts_breaker_open{scope="upstream"} 1');
  expect(text).toContain('modelarts_breaker_transitions_total{scope="upstream",state="open"} 1');
  expect(text).toContain('modelarts_try_failures_total{reason="throttled"} 1');
  expect(text).toContain('modelarts_try_failures_total{reason="abandoned"} 1');
  expect(text).toContain('modelarts_unknown_values_total{field="level"} 3');
  expect(log.map((line) => (JSON.parse(line) as Record<string, unknown>)["requestId"])).toEqual([
    "r",
    "r",
    "r",
    "r",
    "r",
    "r",
  ]);
});

test("failures and unknown values are logged at info once a minute for each reason and value", () => {
  const log: string[] = [];
  const end = observeUpstream(createMetrics(), createLogger("info", { write: (line) => log.push(line) }));
  const failed = {
    projectId: "p",
    jobId: "j",
    requestId: "r",
    upstreamRequestId: null,
    attempt: 1,
    durationMs: 30,
    status: null,
    fault: "ENOTFOUND",
    code: "UPSTREAM_UNAVAILABLE",
    reason: "dns",
    upstreamCode: null,
  } as const;
  for (let i = 0; i < 1_000; i++) {
    publish("gateway:modelarts:try", failed);
    publish("gateway:modelarts:try", {
      ...failed,
      fault: "events[3].time is unreadable",
      reason: "malformed_row",
    });
    publish("gateway:modelarts:try", { ...failed, code: "TRAINING_JOB_NOT_FOUND", reason: "not_found" });
    publish("gateway:modelarts:unknown-value", { requestId: "r", field: "level", value: "Debug", count: 3 });
    publish("gateway:modelarts:unknown-value", { requestId: "r", field: "source", value: "Debug", count: 3 });
  }
  end();
  const lines = log.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([
    { level: "warn", reason: "dns", fault: "ENOTFOUND" },
    { level: "warn", reason: "malformed_row", fault: "events[3].time is unreadable" },
    { level: "warn", field: "level", value: "Debug" },
    { level: "warn", field: "source", value: "Debug" },
  ]);
});

test("a warning names each documented rule that ModelArts breaks, and the rule is counted", async () => {
  const metrics = createMetrics();
  const messages: unknown[] = [];
  const logger = createLogger("warn", {
    write: (line) => messages.push((JSON.parse(line) as { msg?: unknown }).msg),
  });
  const end = observeUpstream(metrics, logger);
  const before = await metrics.registry.metrics();
  for (const law of LAWS) {
    publish("gateway:modelarts:broken-law", { law, projectId: "p", jobId: "j", requestId: "r" });
  }
  end();
  const after = await metrics.registry.metrics();
  const rule = expect.stringContaining("ModelArts breaks its documented rule: ");
  expect(messages).toEqual(LAWS.map(() => rule));
  for (const law of LAWS) {
    expect(before).toContain(`modelarts_broken_laws_total{law="${law}"} 0\n`);
    expect(after).toContain(`modelarts_broken_laws_total{law="${law}"} 1\n`);
  }
});

test("the breaker counts as open while calls are refused, also while a probe is in flight", async () => {
  const metrics = createMetrics();
  const end = observeUpstream(metrics, createLogger("fatal"));
  const shown: string[] = [];
  let previous: "open" | "half-open" | "closed" = "closed";
  for (const state of ["open", "half-open", "open", "closed"] as const) {
    publish("gateway:modelarts:breaker", { ...circuit, state, previous });
    previous = state;
    const open = /^modelarts_breaker_open\{scope="upstream"\} (\d)$/m;
    shown.push(open.exec(await metrics.registry.metrics())?.[1] ?? "none");
  }
  end();
  expect(shown).toEqual(["1", "1", "1", "0"]);
});

test("secrets in log lines are masked", () => {
  const lines: string[] = [];
  const logger = createLogger("info", { write: (line) => lines.push(line) });
  logger.info({ authToken: "hunter2", headers: { "x-auth-token": "hunter2", authorization: "hunter2" } });
  logger.info({
    request: { headers: { "x-auth-token": "hunter2" }, authToken: "hunter2" },
    token: "hunter2",
  });
  logger.debug("below the level");
  expect(lines).toHaveLength(2);
  expect(lines.join("")).toContain("[redacted]");
  expect(lines.join("")).not.toContain("hunter2");
});
