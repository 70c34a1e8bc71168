import { type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { GatewayError } from "../../../src/errors.js";
import { subscribe, type TryMessage } from "../../../src/modelarts/channels.js";
import { type CallContext, type EventsRequest, type ModelArtsClient } from "../../../src/modelarts/client.js";
import { createModelArtsClient, type ModelArtsClientOptions } from "../../../src/modelarts/create-client.js";
import { callContext, eventsRequest } from "../../support/processes/modelarts-calls.js";
import {
  after,
  drip,
  flood,
  hang,
  json,
  notHttp,
  type Reply,
  reset,
  type ScriptedUpstream,
  startScriptedUpstream,
  text,
  truncated,
} from "../../support/virtual/scripted-upstream.js";
import { eventually } from "../../support/eventually.js";
import { stopClock } from "../../support/virtual/stopped-clock.js";

const good = json(200, { total: 1, events: [{ time: "2022-11-26T16:03:41+08:00", message: "Hello" }] });
const goodAnswer = {
  total: 1,
  events: [
    {
      timeMs: Date.UTC(2022, 10, 26, 8, 3, 41),
      level: null,
      source: null,
      message: "Hello",
      levelText: null,
      sourceText: null,
    },
  ],
};

let upstream: ScriptedUpstream;
let clients: ModelArtsClient[] = [];
let tries: TryMessage[] = [];
let sleeps: number[] = [];
let stop = (): void => undefined;

beforeEach(async () => {
  upstream = await startScriptedUpstream();
  tries = [];
  sleeps = [];
  stop = subscribe("gateway:modelarts:try", (message) => tries.push(message));
});

afterEach(async () => {
  jest.useRealTimers();
  stop();
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
  await upstream.close();
});

/** A client that does not really sleep before its retries, and whose tries are not cut off by a slow machine. */
function client(options: Partial<ModelArtsClientOptions> = {}): ModelArtsClient {
  const made = createModelArtsClient({
    endpoint: upstream.endpoint,
    connections: 4,
    tryTimeoutMs: 60_000,
    retries: 2,
    random: () => 0.5,
    sleep: (ms) => {
      sleeps.push(ms);
      return Promise.resolve();
    },
    ...options,
  });
  clients.push(made);
  return made;
}

/** The error of one call. */
async function failure(
  made: ModelArtsClient,
  call: CallContext = callContext(),
  request: EventsRequest = eventsRequest(),
): Promise<GatewayError> {
  const error: unknown = await made.listEvents(request, call).then(
    () => new Error("The call was answered."),
    (reason: unknown) => reason,
  );
  if (error instanceof GatewayError) return error;
  throw error;
}

describe("a good call", () => {
  test("makes one request and returns typed events", async () => {
    upstream.script(good);
    expect(await client().listEvents(eventsRequest({ language: "en-us" }), callContext())).toEqual(
      goodAnswer,
    );
    expect(upstream.requests).toHaveLength(1);
    const [request] = upstream.requests;
    expect(request?.url.pathname).toBe("/v2/project-1/training-jobs/job-1/events");
    expect(request?.url.search).toBe("?order=asc&offset=0&limit=100");
    expect(request?.headers).toMatchObject({
      accept: "application/json",
      "x-auth-token": "MIIsecret0123456789abcdefghijklmnop",
      "x-request-id": "request-1",
      "x-language": "en-us",
    });
  });

  test("uses the endpoint's path", async () => {
    await client({ endpoint: `${upstream.endpoint}/base/` }).listEvents(eventsRequest(), callContext());
    expect(upstream.requests[0]?.url.pathname).toBe("/base/v2/project-1/training-jobs/job-1/events");
  });

  test("is published, without its token", async () => {
    upstream.script(json(200, { total: 0 }, { "x-request-id": "upstream-7" }));
    await client().listEvents(eventsRequest(), callContext());
    const [message] = tries;
    expect(tries).toHaveLength(1);
    expect(message).toEqual({
      projectId: "project-1",
      jobId: "job-1",
      requestId: "request-1",
      upstreamRequestId: "upstream-7",
      attempt: 1,
      durationMs: message?.durationMs,
      status: 200,
      fault: null,
      code: null,
      reason: null,
      upstreamCode: null,
    });
    expect(message?.durationMs).toBeGreaterThan(0);
  });

  test("many calls share few sockets", async () => {
    const made = client();
    for (let i = 0; i < 50; i++) await made.listEvents(eventsRequest(), callContext());
    expect(upstream.requests).toHaveLength(50);
    expect(upstream.sockets().accepted).toBeLessThanOrEqual(4);
  });

  test("no more calls run at once than there are sockets", async () => {
    const made = client();
    let open = (): void => undefined;
    upstream.script(after(new Promise<void>((resolve) => (open = resolve)), good));
    const calls = Array.from({ length: 40 }, () => made.listEvents(eventsRequest(), callContext()));
    await eventually(() => upstream.requests.length === 4);
    open();
    expect(await Promise.all(calls)).toHaveLength(40);
    expect(upstream.mostAtOnce()).toBe(4);
    expect(upstream.sockets().accepted).toBe(4);
  });
});

describe("an error answer of the upstream", () => {
  test("has the gateway's message, and the upstream's in `modelArts`", async () => {
    const body = {
      error_code: "ModelArts.2775",
      error_msg: "Training job job-1 not found.",
      request_id: "body-id",
    };
    upstream.script(json(400, body, { "x-request-id": "header-id" }));
    const error = await failure(client());
    expect(error.code).toBe("TRAINING_JOB_NOT_FOUND");
    expect(error.message).toBe("ModelArts has no training job with this ID.");
    expect(error.details).toEqual({
      modelArts: {
        errorCode: "ModelArts.2775",
        errorMsg: "Training job job-1 not found.",
        httpStatus: 400,
        requestId: "header-id",
      },
    });
    expect(tries).toMatchObject([
      { status: 400, code: "TRAINING_JOB_NOT_FOUND", upstreamCode: "ModelArts.2775" },
    ]);
  });

  test("has the request ID of the body if no header has it", async () => {
    upstream.script(json(401, { error_code: "APIGW.0301", error_msg: "x", request_id: "body-id" }));
    expect((await failure(client())).details.modelArts?.requestId).toBe("body-id");
  });

  test.each([
    [400, { error_code: "ModelArts.50004000", error_msg: "Bad request." }, "UPSTREAM_BAD_REQUEST"],
    [401, { error_code: "ModelArts.0202", error_msg: "Token expired." }, "UNAUTHENTICATED"],
    [403, { error_code: "ModelArts.2784", error_msg: "Invalid token." }, "UNAUTHENTICATED"],
    [403, { error: { code: 403, message: "No." } }, "FORBIDDEN"],
    [404, { error_code: "ModelArts.2786", error_msg: "Project." }, "FORBIDDEN"],
    [404, { error_code: "APIGW.0101", error_msg: "No API." }, "UPSTREAM_BAD_REQUEST"],
    [405, { error_code: "ModelArts.2803", error_msg: "Method." }, "UPSTREAM_BAD_REQUEST"],
    [409, {}, "UPSTREAM_BAD_REQUEST"],
    [501, { error_code: "ModelArts.4383", error_msg: "Not here." }, "UPSTREAM_UNAVAILABLE"],
    [500, { error_code: "APIG.0103", error_msg: "No backend." }, "UPSTREAM_UNAVAILABLE"],
    [500, { error_code: "APIGW.0301", error_msg: "Signature." }, "UNAUTHENTICATED"],
  ])("%d %j is not tried again: %s", async (status, body, code) => {
    upstream.script(json(status, body));
    expect((await failure(client())).code).toBe(code);
    expect(upstream.requests).toHaveLength(1);
  });

  test("neither token nor host is repeated", async () => {
    const host = new URL(upstream.endpoint).host;
    const token = "MIIsecret0123456789abcdefghijklmnop";
    upstream.script(
      json(401, { error_code: `X.${token}`, error_msg: `${token} at ${host}` }, { "x-request-id": token }),
    );
    const error = await failure(client());
    expect(error.details.modelArts).toEqual({
      errorCode: "X.[redacted]",
      errorMsg: "[redacted] at [redacted]",
      httpStatus: 401,
      requestId: "[redacted]",
    });
    expect(JSON.stringify(tries)).not.toContain(token);
  });

  test("a long message is cut", async () => {
    upstream.script(json(400, { error_code: "ModelArts.0101", error_msg: "no ".repeat(1_000) }));
    expect((await failure(client())).details.modelArts?.errorMsg).toHaveLength(500);
  });

  test("a redirect is not followed", async () => {
    upstream.script(text(302, "", { location: `${upstream.endpoint}/elsewhere` }));
    expect((await failure(client())).code).toBe("UPSTREAM_INVALID_RESPONSE");
    expect(upstream.requests).toHaveLength(1);
  });
});

describe("an answer that cannot be read", () => {
  test.each<[string, Reply, string]>([
    ["HTML", text(200, "<html>secret page</html>"), "the answer is not JSON"],
    ["nothing", text(200, ""), "the answer is not JSON"],
    ["JSON that ends early", text(200, '{"total": 1, "eve'), "the answer is not JSON"],
    ["another shape", json(200, { total: "many secret" }), "total is not a count"],
    ["an event without time", json(200, { total: 1, events: [{}] }), "events[0].time is missing"],
    ["more than 8 MiB", flood(200, 9 * 1024 * 1024), "the answer is too large"],
  ])("%s is UPSTREAM_INVALID_RESPONSE, and not tried again", async (_name, reply, fault) => {
    upstream.script(reply);
    const error = await failure(client());
    expect(error.code).toBe("UPSTREAM_INVALID_RESPONSE");
    expect(error.message).toBe("The answer of ModelArts does not have the documented form.");
    expect(error.details).toEqual({
      modelArts: { errorCode: null, errorMsg: null, httpStatus: 200, requestId: null },
    });
    expect(upstream.requests).toHaveLength(1);
    expect(tries).toMatchObject([{ status: 200, fault, code: "UPSTREAM_INVALID_RESPONSE" }]);
  });

  test("more rows than requested are invalid", async () => {
    upstream.script(json(200, { total: 2, events: [{ time: "2022-11-26T16:03:41Z" }, {}] }));
    const error = await failure(client(), callContext(), eventsRequest({ limit: 1 }));
    expect(error.code).toBe("UPSTREAM_INVALID_RESPONSE");
  });

  test.each([
    [{ error_code: "ModelArts.2775", error_msg: "No job." }, "TRAINING_JOB_NOT_FOUND", "ModelArts.2775"],
    [
      { is_success: false, error_code: "ModelArts.4900", error_message: "No." },
      "UPSTREAM_INVALID_RESPONSE",
      "ModelArts.4900",
    ],
  ])("an error with status 200 is mapped by its code: %j", async (body, code, errorCode) => {
    upstream.script(json(200, body));
    const error = await failure(client());
    expect(error).toMatchObject({ code, details: { modelArts: { errorCode, httpStatus: 200 } } });
  });

  test("an unknown value is published with the request ID", async () => {
    const told: unknown[] = [];
    const end = subscribe("gateway:modelarts:unknown-value", (message) => told.push(message));
    upstream.script(json(200, { total: 1, events: [{ time: "2022-11-26T16:03:41Z", level: "Fatal" }] }));
    const call = callContext({ requestId: "asker" });
    await client().listEvents(eventsRequest(), call);
    end();
    expect(told).toEqual([{ requestId: "asker", field: "level", value: "Fatal", count: 1 }]);
  });

  test("a byte order mark is ignored", async () => {
    upstream.script(text(200, '\ufeff{"total": 0}'));
    expect(await client().listEvents(eventsRequest(), callContext())).toEqual({ total: 0, events: [] });
  });

  test("an HTML error page is mapped by its status", async () => {
    upstream.script(text(502, "<html>Bad Gateway</html>", { "content-type": "text/html" }));
    expect(await failure(client({ retries: 0 }))).toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
      details: { modelArts: { errorCode: null, errorMsg: null, httpStatus: 502 } },
    });
  });

  test("an endless error page is mapped by its status", async () => {
    upstream.script(flood(503, 9 * 1024 * 1024));
    expect(await failure(client({ retries: 0 }))).toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
      details: { modelArts: { errorMsg: null, httpStatus: 503 } },
    });
  });
});

describe("a try that the upstream makes fail", () => {
  test.each<[string, Reply]>([
    ["a reset", reset],
    ["a cut answer", truncated],
    ["no HTTP", notHttp],
    ["408", json(408, { error_code: "ModelArts.4205", error_msg: "Late." })],
    ["500", json(500, { error_code: "ModelArts.0010", error_msg: "Oops." })],
    ["502", text(502, "<html>")],
    ["503", text(503, "")],
    ["504", json(504, { error_code: "APIG.0203", error_msg: "Backend timeout" })],
  ])("is tried again after %s", async (_name, reply) => {
    upstream.script(reply, reply, good);
    expect(await client().listEvents(eventsRequest(), callContext())).toEqual(goodAnswer);
    expect(upstream.requests).toHaveLength(3);
    expect(sleeps).toEqual([50, 100]);
    expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  test.each<[string, Reply, string, number | null]>([
    ["a reset", reset, "UPSTREAM_UNAVAILABLE", null],
    ["a cut answer", truncated, "UPSTREAM_UNAVAILABLE", null],
    ["no HTTP", notHttp, "UPSTREAM_UNAVAILABLE", null],
    ["408", text(408, ""), "UPSTREAM_TIMEOUT", 408],
    ["503", text(503, ""), "UPSTREAM_UNAVAILABLE", 503],
    ["504", text(504, ""), "UPSTREAM_TIMEOUT", 504],
  ])("ends, after %s each time, with its error", async (_name, reply, code, httpStatus) => {
    upstream.script(reply);
    expect(await failure(client())).toMatchObject({
      code,
      details: { modelArts: { httpStatus, errorCode: null, errorMsg: null, requestId: null } },
    });
    expect(upstream.requests).toHaveLength(3);
  });

  test("is not tried again if no retries are allowed", async () => {
    upstream.script(text(503, ""), good);
    expect((await failure(client({ retries: 0 }))).code).toBe("UPSTREAM_UNAVAILABLE");
    expect(upstream.requests).toHaveLength(1);
  });

  test("because the connection is refused is UPSTREAM_UNAVAILABLE", async () => {
    const made = client();
    await upstream.close();
    const error = await failure(made);
    expect(error.code).toBe("UPSTREAM_UNAVAILABLE");
    expect(tries.map(({ fault }) => fault)).toEqual(["ECONNREFUSED", "ECONNREFUSED", "ECONNREFUSED"]);
    upstream = await startScriptedUpstream();
  });

  test.each<[string, Reply, number]>([
    ["says nothing", hang, 0],
    ["drips", drip, 1_000],
  ])("because it %s ends at its limit and is tried again", async (_name, reply, bytes) => {
    stopClock();
    const responses: ServerResponse[] = [];
    upstream.script((response) => {
      responses.push(response);
      reply(response);
    }, good);
    const answer = client({ tryTimeoutMs: 40 }).listEvents(eventsRequest(), callContext());
    await eventually(() => responses.some(({ socket }) => (socket?.bytesWritten ?? 0) >= bytes));
    jest.advanceTimersByTime(39);
    expect(tries).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(await answer).toEqual(goodAnswer);
    expect(tries).toMatchObject([
      { status: null, fault: "TRY_TIMEOUT", code: "UPSTREAM_TIMEOUT" },
      { status: 200, fault: null },
    ]);
    await eventually(() => upstream.sockets().closed === 1);
  });
});

describe("Retry-After", () => {
  test("in seconds is waited for, plus jitter", async () => {
    upstream.script(text(503, "", { "retry-after": "7" }), good);
    await client().listEvents(eventsRequest(), callContext());
    expect(sleeps).toEqual([7_050]);
  });

  test("as a date is waited for", async () => {
    // Such a date has whole seconds.
    const nowMs = Date.UTC(2026, 0, 1);
    stopClock(nowMs);
    upstream.script(text(503, "", { "retry-after": new Date(nowMs + 20_000).toUTCString() }), good);
    await client().listEvents(eventsRequest(), callContext());
    expect(sleeps).toEqual([20_050]);
  });

  test("beyond the deadline is answered at once", async () => {
    upstream.script(text(429, "", { "retry-after": "61" }), good);
    const error = await failure(client());
    expect(error.code).toBe("RATE_LIMITED");
    expect(error.details.retryAfterMs).toBe(61_000);
    expect(upstream.requests).toHaveLength(1);
    expect(sleeps).toEqual([]);
  });

  test("is in the error once all tries failed", async () => {
    upstream.script(text(503, "", { "retry-after": "1" }));
    const error = await failure(client());
    expect(error.details.retryAfterMs).toBe(1_000);
    expect(upstream.requests).toHaveLength(3);
  });

  test.each([
    [{}, undefined],
    [{ "retry-after": "1" }, 1_000],
  ])("of a throttling answer with %j is left to the back-off", async (headers, retryAfterMs) => {
    upstream.script(text(429, "", headers), good);
    const error = await failure(client());
    expect(error.code).toBe("RATE_LIMITED");
    expect(error.details.retryAfterMs).toBe(retryAfterMs);
    expect(upstream.requests).toHaveLength(1);
  });
});

describe("the deadline", () => {
  test("ends a try", async () => {
    stopClock();
    upstream.script(hang);
    const deadlineMs = Date.now() + 40;
    const call = failure(client(), callContext({ deadlineMs: () => deadlineMs }));
    await eventually(() => upstream.requests.length === 1);
    jest.advanceTimersByTime(40);
    const error = await call;
    expect(error.code).toBe("UPSTREAM_TIMEOUT");
    expect(tries).toMatchObject([{ fault: "DEADLINE", code: "UPSTREAM_TIMEOUT" }]);
    await eventually(() => upstream.sockets().closed === 1);
  });

  test("that has passed causes no request", async () => {
    const error = await failure(client(), callContext({ deadlineMs: () => Date.now() }));
    expect(error.code).toBe("UPSTREAM_TIMEOUT");
    expect(upstream.requests).toHaveLength(0);
  });

  test("leaves no room for a retry", async () => {
    stopClock();
    upstream.script(text(503, ""));
    const deadlineMs = Date.now() + 5_000;
    const made = client({ random: () => 1, retries: 10 });
    expect((await failure(made, callContext({ deadlineMs: () => deadlineMs }))).code).toBe(
      "UPSTREAM_UNAVAILABLE",
    );
    // The test does not sleep, so the deadline stays 5 s away. Pauses of 100, 200 … 3,200 ms fit before it; the next does not.
    expect(sleeps).toEqual([100, 200, 400, 800, 1600, 3200]);
    expect(upstream.requests).toHaveLength(7);
  });
});

describe("a caller who leaves", () => {
  test("in the middle of a try closes its socket", async () => {
    upstream.script(hang);
    const controller = new AbortController();
    const reason = new GatewayError("UPSTREAM_TIMEOUT", "The operation took too long.");
    const call = failure(client(), callContext({ signal: controller.signal }));
    await eventually(() => upstream.requests.length === 1);
    controller.abort(reason);
    expect(await call).toBe(reason);
    await eventually(() => upstream.sockets().closed === 1);
    expect(upstream.requests).toHaveLength(1);
    expect(tries).toMatchObject([{ fault: "ABORTED" }]);
  });

  test("in the middle of a body closes its socket", async () => {
    upstream.script(drip);
    const controller = new AbortController();
    const call = failure(client(), callContext({ signal: controller.signal }));
    await eventually(() => upstream.requests.length === 1);
    controller.abort();
    expect((await call).message).toBe(
      "The call to ModelArts was cancelled because no caller waited for its answer any more.",
    );
    await eventually(() => upstream.sockets().closed === 1);
  });

  test("during the wait before a retry ends it", async () => {
    upstream.script(text(503, "", { "retry-after": "30" }));
    const controller = new AbortController();
    const made = createModelArtsClient({
      endpoint: upstream.endpoint,
      connections: 1,
      tryTimeoutMs: 60_000,
      retries: 2,
    });
    clients.push(made);
    const call = failure(made, callContext({ signal: controller.signal }));
    await eventually(() => tries.length === 1);
    controller.abort();
    expect((await call).code).toBe("UPSTREAM_UNAVAILABLE");
    expect(upstream.requests).toHaveLength(1);
  });

  test("before the call causes no request", async () => {
    await failure(client(), callContext({ signal: AbortSignal.abort() }));
    expect(upstream.requests).toHaveLength(0);
    expect(tries).toEqual([]);
  });

  test("while queued frees its place without a request", async () => {
    let open = (): void => undefined;
    upstream.script(after(new Promise<void>((resolve) => (open = resolve)), good));
    const made = client({ connections: 1 });
    const running = made.listEvents(eventsRequest(), callContext());
    const controller = new AbortController();
    const queued = failure(made, callContext({ signal: controller.signal }));
    await eventually(() => upstream.requests.length === 1);
    controller.abort();
    expect((await queued).code).toBe("UPSTREAM_UNAVAILABLE");
    open();
    expect(await running).toEqual(goodAnswer);
    expect(upstream.requests).toHaveLength(1);
  });
});

describe("too many callers", () => {
  test("the one after a full queue is refused at once", async () => {
    let open = (): void => undefined;
    upstream.script(after(new Promise<void>((resolve) => (open = resolve)), good));
    const made = client({ connections: 2 });
    const calls = Array.from({ length: 1_002 }, () => made.listEvents(eventsRequest(), callContext()));
    expect(await failure(made)).toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
      message: "Too many calls to ModelArts are waiting for their turn.",
    });
    open();
    expect(await Promise.all(calls)).toHaveLength(1_002);
  });
});

describe("credentials", () => {
  test("none are sent if there are none", async () => {
    await client().listEvents(eventsRequest(), callContext({ credentials: { kind: "none" } }));
    expect(upstream.requests[0]?.headers).not.toHaveProperty("x-auth-token");
  });

  test("are sent only over TLS if the endpoint is https", async () => {
    const error = await failure(
      client({ endpoint: upstream.endpoint.replace("http:", "https:"), retries: 0 }),
    );
    expect(error.code).toBe("UPSTREAM_UNAVAILABLE");
    expect(upstream.sockets().accepted).toBe(1);
    expect(upstream.requests).toHaveLength(0);
  });

  test("a fault of the gateway is an INTERNAL_SERVER_ERROR", async () => {
    const error = await failure(client(), callContext({ requestId: "a\nb" }));
    expect(error.code).toBe("INTERNAL_SERVER_ERROR");
    expect(upstream.requests).toHaveLength(0);
  });
});

describe("closing", () => {
  test("waits for the calls in flight, then closes the sockets", async () => {
    let open = (): void => undefined;
    upstream.script(after(new Promise<void>((resolve) => (open = resolve)), good));
    const made = client({ connections: 1 });
    const calls = [1, 2, 3].map(() => made.listEvents(eventsRequest(), callContext()));
    await eventually(() => upstream.requests.length === 1);
    const closing = made.close();
    expect((await failure(made)).message).toBe("The gateway is shutting down.");
    open();
    await closing;
    expect(await Promise.all(calls)).toHaveLength(3);
    await eventually(() => upstream.sockets().closed === upstream.sockets().accepted);
  });
});
