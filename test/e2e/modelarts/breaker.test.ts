import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type ModelArtsClient } from "../../../src/modelarts/client.js";
import { createModelArtsClient } from "../../../src/modelarts/create-client.js";
import { callContext, eventsRequest } from "../../support/processes/modelarts-calls.js";
import {
  hang,
  json,
  type Reply,
  reset,
  type ScriptedUpstream,
  startScriptedUpstream,
  text,
} from "../../support/virtual/scripted-upstream.js";
import { eventually } from "../../support/eventually.js";

const good = json(200, { total: 0 });

let upstream: ScriptedUpstream;
let client: ModelArtsClient;
let nowMs = 0;

beforeEach(async () => {
  upstream = await startScriptedUpstream();
  client = createModelArtsClient({
    endpoint: upstream.endpoint,
    connections: 4,
    tryTimeoutMs: 10_000,
    retries: 0,
    steadyMs: () => nowMs,
  });
});

afterEach(async () => {
  await client.close();
  await upstream.close();
});

function call(signal = new AbortController().signal): Promise<unknown> {
  return client.listEvents(eventsRequest(), callContext({ signal })).then(
    () => "answered",
    (error: unknown) => error,
  );
}

async function calls(times: number): Promise<void> {
  for (let i = 0; i < times; i++) await call();
}

describe("the breaker around the upstream", () => {
  test.each<[string, Reply, boolean]>([
    ["reset", reset, true],
    ["500", text(500, ""), true],
    ["501", text(501, ""), true],
    ["504", text(504, ""), true],
    ["an answer that is not JSON", text(200, "<html>"), true],
    ["an answer of another shape", json(200, {}), true],
    ["400", text(400, ""), false],
    ["401", text(401, ""), false],
    ["404", text(404, ""), false],
    ["429", text(429, ""), false],
  ])("after 20 times %s opens: %s", async (_name, reply, opens) => {
    upstream.script(reply);
    await calls(20);
    upstream.script(good);
    expect((await call()) === "answered").toBe(!opens);
    expect(upstream.requests).toHaveLength(opens ? 20 : 21);
  });

  test("opens, refuses, probes once and closes", async () => {
    upstream.script(text(503, ""));
    await calls(20);
    expect(await call()).toMatchObject({ code: "UPSTREAM_UNAVAILABLE", details: { retryAfterMs: 2_000 } });
    nowMs += 1_999;
    expect(await call()).toMatchObject({ code: "UPSTREAM_UNAVAILABLE", details: { retryAfterMs: 1 } });
    expect(upstream.requests).toHaveLength(20);
    nowMs += 1;
    upstream.script(good);
    const together = await Promise.all([call(), call(), call()]);
    expect(together.filter((ended) => ended === "answered")).toHaveLength(1);
    expect(upstream.requests).toHaveLength(21);
    await calls(3);
    expect(upstream.requests).toHaveLength(24);
  });

  test("a probe whose caller leaves neither closes the circuit nor keeps it open", async () => {
    upstream.script(text(503, ""));
    await calls(20);
    nowMs += 2_000;
    upstream.script(hang);
    const controller = new AbortController();
    const probe = call(controller.signal);
    await eventually(() => upstream.requests.length === 21);
    controller.abort();
    await probe;
    expect(await call()).toMatchObject({ details: { retryAfterMs: 2_000 } });
    nowMs += 2_000;
    upstream.script(good);
    expect(await call()).toBe("answered");
    expect(await call()).toBe("answered");
  });

  test("callers who leave do not open it", async () => {
    upstream.script(hang);
    for (let i = 1; i <= 25; i++) {
      const controller = new AbortController();
      const left = call(controller.signal);
      await eventually(() => upstream.requests.length === i);
      controller.abort();
      await left;
    }
    upstream.script(good);
    expect(await call()).toBe("answered");
  });
});
