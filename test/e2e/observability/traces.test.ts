import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { CLIENTS, Follower } from "../../support/live/live-clients.js";
import { eventually } from "../../support/eventually.js";
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from "../../support/otlp/otlp-receiver.js";
import { askEvents } from "../../support/processes/gateway-client.js";
import { type GatewayProcess, startGateway } from "../../support/processes/gateway-process.js";
import { RedisServer } from "../../support/redis/redis.js";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const CALLER_SPAN_ID = "b7ad6b7169203331";
const TRACEPARENT = `00-${TRACE_ID}-${CALLER_SPAN_ID}-01`;
const SERVER_KIND = 2;

let simulator: Simulator;
let redis: RedisServer;
let collector: OtlpReceiver;
let gateway: GatewayProcess | null;

beforeEach(async () => {
  [simulator, redis, collector] = await Promise.all([
    startSimulator(),
    RedisServer.start(),
    startOtlpReceiver(),
  ]);
  gateway = null;
});

afterEach(async () => {
  await gateway?.stop();
  await Promise.all([simulator.close(), redis.stop(), collector.close()]);
});

async function start(env: Record<string, string>): Promise<GatewayProcess> {
  gateway = await startGateway({
    MODELARTS_ENDPOINT: simulator.url,
    MODELARTS_AUTH: "none",
    MODELARTS_PROJECT_ID: "demo-project",
    REDIS_URL: redis.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    ...env,
  });
  return gateway;
}

const spansOf = (traceId: string): ReceivedSpan[] =>
  collector.spans.filter((span) => span.traceId === traceId);
const upstreamTraceparents = (): unknown[] =>
  simulator.calls.list.map(({ headers }) => headers["traceparent"]);

test("a request with a trace continues it, down to ModelArts and Redis", async () => {
  const running = await start({
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_SERVICE_NAME: "events",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
    OTEL_EXPORTER_OTLP_HEADERS: "x-collector-key=secret",
  });
  const { errors } = await askEvents(
    running.url,
    { id: "events-100", first: 10 },
    { traceparent: TRACEPARENT },
  );
  expect(errors).toEqual([]);
  // Waiting spans are sent at the stop.
  await running.stop();
  const spans = spansOf(TRACE_ID);
  const request = spans.find(({ kind }) => kind === SERVER_KIND);
  expect(request).toMatchObject({
    name: "POST /graphql",
    parentSpanId: CALLER_SPAN_ID,
    attributes: { "http.route": "/graphql", "http.response.status_code": 200 },
  });
  const operation = spans.find(({ name }) => name === "graphql.operation");
  expect(operation?.parentSpanId).toBe(request?.spanId);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  for (const span of spans) {
    if (span !== request) expect(byId.has(span.parentSpanId)).toBe(true);
  }
  const tried = spans.find(({ name }) => name === "modelarts.try");
  expect(tried).toMatchObject({
    attributes: { "modelarts.job_id": "events-100", "http.response.status_code": 200 },
  });
  expect(upstreamTraceparents()).toContain(`00-${TRACE_ID}-${tried?.spanId ?? ""}-01`);
  const reads = spans.filter(({ name }) => name === "cache.read");
  expect(reads.map(({ attributes }) => attributes["cache.outcome"])).toContain("upstream");
  const commands = spans.filter(({ attributes }) => attributes["db.system.name"] === "redis");
  expect(commands.length).toBeGreaterThan(0);
  expect(collector.resource).toMatchObject({
    "service.name": "events",
    "deployment.environment.name": "test",
  });
  expect(collector.requests[0]).toMatchObject({
    path: "/v1/traces",
    headers: { "x-collector-key": "secret" },
  });
});

test("a request without a trace starts one, and a failure marks its spans as errors", async () => {
  const running = await start({ OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", UPSTREAM_RETRIES: "0" });
  simulator.faults.add({ fault: { kind: "error", status: 503 }, times: null });
  const { errors } = await askEvents(running.url, { id: "events-100", first: 10 });
  expect(errors).toHaveLength(1);
  await running.stop();
  const tried = collector.spans.find(({ name }) => name === "modelarts.try");
  expect(tried).toMatchObject({
    status: { code: 2 },
    attributes: { "error.type": "UPSTREAM_UNAVAILABLE", "http.response.status_code": 503 },
  });
  const request = spansOf(tried?.traceId ?? "").find(({ kind }) => kind === SERVER_KIND);
  expect(request?.parentSpanId ?? "").toBe("");
  expect(request?.attributes["error.type"]).toBe("UPSTREAM_UNAVAILABLE");
});

test("probes have no spans, and a trace that is not sampled is not sent", async () => {
  const running = await start({ OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" });
  await fetch(new URL("/readyz", running.url));
  await askEvents(running.url, { id: "events-100" }, { traceparent: TRACEPARENT.replace(/01$/, "00") });
  await running.stop();
  expect(spansOf(TRACE_ID)).toEqual([]);
  expect(collector.spans.map(({ name }) => name)).not.toContain("GET /readyz");
});

test.each(CLIENTS)(
  "a subscription over %s has a span and a log line of the caller's trace",
  async (name, connect) => {
    const running = await start({ OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", LOG_LEVEL: "info" });
    const client = connect(running.url, { headers: { traceparent: TRACEPARENT } });
    const follower = new Follower(client, { id: "events-100", last: 3 });
    await eventually(() => follower.results.length > 0);
    await client.close();
    await eventually(() => running.stdout().includes('"msg":"subscription"'));
    await running.stop();
    const line = running
      .stdout()
      .split("\n")
      .find((one) => one.includes('"msg":"subscription"'));
    expect(JSON.parse(line ?? "{}")).toMatchObject({ traceId: TRACE_ID, batches: 1, events: 3 });
    const spans = spansOf(TRACE_ID);
    const subscription = spans.find((span) => span.name === "graphql.subscription");
    const request = spans.find(({ name: one }) => one === "POST /graphql/stream");
    expect(subscription).toMatchObject({
      // An event stream is an HTTP request with a span of its own.
      parentSpanId: name === "graphql-ws" ? CALLER_SPAN_ID : request?.spanId,
      attributes: { "gateway.batches": 1, "gateway.events": 3, "graphql.operation.name": "FollowEvents" },
    });
  },
);

test("by default spans are sent as Protobuf", async () => {
  const running = await start({ OTEL_BSP_SCHEDULE_DELAY: "50" });
  await askEvents(running.url, { id: "events-100" }, { traceparent: TRACEPARENT });
  await eventually(() => collector.requests.some(({ body }) => body.includes(Buffer.from(TRACE_ID, "hex"))));
  expect(collector.requests[0]?.headers["content-type"]).toBe("application/x-protobuf");
});

test("without a collector, ModelArts gets the caller's context as it is, on each way to an answer", async () => {
  const running = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: "" });
  const headers = { traceparent: TRACEPARENT, tracestate: "vendor=1" };
  // The second operation is run by a plan of the fast path.
  for (const id of ["events-100", "events-1"]) await askEvents(running.url, { id, first: 1 }, headers);
  expect(simulator.calls.list.map(({ headers: sent }) => [sent["traceparent"], sent["tracestate"]])).toEqual([
    [TRACEPARENT, "vendor=1"],
    [TRACEPARENT, "vendor=1"],
  ]);
  expect(collector.requests).toEqual([]);
});
