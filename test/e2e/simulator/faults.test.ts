import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type FaultRuleInput } from "../../../src/simulator/faults.js";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventsUrl } from "../../support/events-api.js";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
beforeEach(() => {
  simulator.faults.clear();
});
afterAll(() => simulator.close());

const ask = (jobId = "documented-example", init: RequestInit = {}) =>
  fetch(eventsUrl(simulator.url, jobId, { limit: 10 }), { redirect: "manual", ...init });

const befall = (fault: FaultRuleInput["fault"]) => {
  simulator.faults.add({ fault });
};

describe("error bodies", () => {
  const common = { kind: "error", status: 429, code: "X.1", message: "no" } as const;
  test.each([
    ["modelarts", { error_code: "X.1", error_msg: "no" }],
    ["modelarts-v1", { is_success: false, error_message: "no", error_code: "X.1", error_solution: "" }],
    ["api-gateway", { error_msg: "no", error_code: "X.1", request_id: "rid" }],
    ["keystone", { error: { message: "no", code: 429, title: "X.1" } }],
    ["iam", { error_code: "X.1", error_msg: "no" }],
    ["iam-denial", { error_code: "X.1", error_msg: "no", encoded_authorization_message: "b3BhcXVl" }],
    [
      "maas",
      {
        error: { code: "X.1", message: "no", type: "invalid_request_error" },
        error_code: "X.1",
        error_msg: "no",
      },
    ],
    ["camel-case", { errorCode: "X.1", errorMessage: "no" }],
    ["code-message", { code: "X.1", message: "no" }],
  ] as const)("%s", async (shape, body) => {
    befall({ ...common, shape });
    const response = await ask("events-1", { headers: { "X-Request-Id": "rid" } });
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBeNull();
    expect(response.headers.get("x-request-id")).toBe("rid");
    expect(await response.json()).toEqual(body);
  });

  test("html", async () => {
    befall({ ...common, status: 502, shape: "html", message: "Bad Gateway" });
    const response = await ask();
    expect(response.status).toBe(502);
    expect(response.headers.get("content-type")).toBe("text/html");
    expect(await response.text()).toContain("<h1>502 Bad Gateway</h1>");
  });

  test("with Retry-After, or any other header", async () => {
    befall({ ...common, headers: { "Retry-After": "7" } });
    expect((await ask()).headers.get("retry-after")).toBe("7");
  });
});

test("any answer at all, and a redirect", async () => {
  befall({ kind: "answer", status: 203, body: "[1]", contentType: "text/csv", headers: { "X-A": "b" } });
  const response = await ask();
  expect([response.status, response.headers.get("content-type"), response.headers.get("x-a")]).toEqual([
    203,
    "text/csv",
    "b",
  ]);
  expect(await response.text()).toBe("[1]");
  befall({ kind: "redirect", location: "http://127.0.0.1:1/" });
  const redirect = await ask();
  expect([redirect.status, redirect.headers.get("location")]).toEqual([302, "http://127.0.0.1:1/"]);
});

describe("broken connections", () => {
  test("reset before the answer", async () => {
    befall({ kind: "reset" });
    await expect(ask()).rejects.toMatchObject({
      cause: { code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) },
    });
  });

  test("reset in the middle of the body", async () => {
    befall({ kind: "reset", when: "in-body" });
    const response = await ask();
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  test("no answer", async () => {
    befall({ kind: "hang" });
    await expect(ask("events-1", { signal: AbortSignal.timeout(50) })).rejects.toThrow();
  });

  test("a body that stops in the middle", async () => {
    befall({ kind: "stall" });
    const controller = new AbortController();
    const response = await ask("documented-example", { signal: controller.signal });
    const reader = response.body?.getReader();
    const beginning = (await reader?.read())?.value as Uint8Array | undefined;
    expect(beginning?.length).toBeGreaterThan(100);
    const rest = reader?.read();
    controller.abort();
    await expect(rest).rejects.toThrow();
  });
});

describe("late answers are complete", () => {
  test.each([
    { kind: "delay", delayMs: 5 },
    { kind: "drip", intervalMs: 1, bytes: 200 },
  ] as const)("$kind", async (fault) => {
    const expected: unknown = await (await ask()).json();
    befall(fault);
    expect(await (await ask()).json()).toEqual(expected);
  });
});

describe("damaged answers are complete HTTP answers", () => {
  test("truncated", async () => {
    befall({ kind: "damaged", how: "truncated" });
    const text = await (await ask()).text();
    expect(text).toMatch(/^\{"total":27/);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  test("wrong-content-type", async () => {
    befall({ kind: "damaged", how: "wrong-content-type" });
    const response = await ask();
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(await response.json()).toMatchObject({ total: 27 });
  });

  test("empty-body", async () => {
    befall({ kind: "damaged", how: "empty-body" });
    const response = await ask();
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });

  test("events-not-array and total-missing", async () => {
    befall({ kind: "damaged", how: "events-not-array" });
    befall({ kind: "damaged", how: "total-missing" });
    expect(await (await ask()).json()).toMatchObject({ total: 27, events: {} });
    const page: unknown = await (await ask()).json();
    expect(page).not.toHaveProperty("total");
    expect(page).toMatchObject({ limit: 10 });
  });

  test("huge is a page of one long message", async () => {
    befall({ kind: "huge", bytes: 3_000_000 });
    const page = (await (await ask()).json()) as { events: { message: string }[] };
    expect(page.events[0]?.message).toHaveLength(3_000_000);
  });
});

describe("rules", () => {
  const failing = { kind: "error", status: 500 } as const;
  const status = async (jobId: string) => (await ask(jobId)).status;

  test("are used one after the other", async () => {
    simulator.faults.add({ fault: failing, times: 2 });
    simulator.faults.add({ fault: { kind: "answer", status: 418, body: "" } });
    expect(await status("events-1")).toBe(500);
    expect(simulator.faults.list()).toMatchObject([{ times: 1 }, { times: 1 }]);
    expect([await status("events-1"), await status("events-1"), await status("events-1")]).toEqual([
      500, 418, 200,
    ]);
  });

  test("for one job do not affect other jobs, and last until they are cleared", async () => {
    simulator.faults.add({ fault: failing, times: null, jobId: "events-1" });
    expect([await status("events-100"), await status("events-1"), await status("events-1")]).toEqual([
      200, 500, 500,
    ]);
    simulator.faults.clear();
    expect(await status("events-1")).toBe(200);
  });

  test("that are invalid are refused", () => {
    expect(() => {
      simulator.faults.add({ fault: failing, times: 0 });
    }).toThrow();
  });
});

test("closing ends calls that hang", async () => {
  const other = await startSimulator();
  other.faults.add({ fault: { kind: "hang" } });
  const asked = fetch(eventsUrl(other.url, "events-1"));
  const refused = expect(asked).rejects.toThrow();
  while (other.calls.inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
  await other.close();
  await refused;
});
