import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { getEvents, walk } from "../../support/events-api.js";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ admin: true });
});
beforeEach(() => {
  simulator.reset();
});
afterAll(() => simulator.close());

const admin = async (
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${simulator.url}/admin/${path}`, init);
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
};
const messages = async (jobId: string) => (await walk(simulator.url, jobId)).map(({ message }) => message);
const done = { status: 204, body: null };

test("a job's life: created, written to, late arrival, trimmed, deleted", async () => {
  const job = "jobs/demo-project/mine";
  expect(await admin("PUT", job, { events: [{ timeMs: 5_000, message: "b", level: "Error" }] })).toEqual(
    done,
  );
  expect(await admin("POST", `${job}/events`, { events: [{ message: "c" }] })).toEqual(done);
  expect(await admin("POST", `${job}/events`, { events: [{ timeMs: 1_000, message: "a" }] })).toEqual(done);
  expect(await messages("mine")).toEqual(["a", "b", "c"]);
  expect(await admin("POST", `${job}/trim`, { count: 1 })).toEqual(done);
  expect(await messages("mine")).toEqual(["b", "c"]);
  expect(await admin("GET", job)).toEqual({ status: 200, body: { total: 2 } });
  expect((await admin("GET", "jobs")).body).toContainEqual({ projectId: "demo-project", jobId: "mine" });
  expect(await admin("DELETE", job)).toEqual(done);
  expect((await admin("GET", job)).status).toBe(404);
});

test("events are generated on demand, and continue at the end of the log", async () => {
  const job = "jobs/demo-project/big";
  await admin("PUT", job, { generate: 30 });
  const before = await walk(simulator.url, "big");
  await admin("POST", `${job}/events`, { generate: 20, seed: 9 });
  const after = await walk(simulator.url, "big");
  expect(after).toHaveLength(50);
  expect(after.slice(0, 30)).toEqual(before);
});

test("switches are changed one by one", async () => {
  await admin("PATCH", "switches", { pageOffsets: true });
  const { body } = await admin("PATCH", "switches", { utcOffset: "Z" });
  expect(body).toMatchObject({ pageOffsets: true, utcOffset: "Z", emptyEvents: "array" });
  expect((await admin("GET", "switches")).body).toEqual(body);
});

test("faults are queued, read and cleared", async () => {
  expect(await admin("POST", "faults", { fault: { kind: "error", status: 503 }, times: 2 })).toEqual(done);
  expect((await getEvents(simulator.url, "events-1")).status).toBe(503);
  expect((await admin("GET", "faults")).body).toMatchObject([{ fault: { status: 503 }, times: 1 }]);
  expect(await admin("DELETE", "faults")).toEqual(done);
  expect((await getEvents(simulator.url, "events-1")).status).toBe(200);
});

test("calls are counted without the admin path's own, and reset", async () => {
  await getEvents(simulator.url, "events-1");
  expect((await admin("GET", "calls")).body).toMatchObject({
    total: 1,
    inFlight: 0,
    calls: [{ status: 200 }],
  });
  await admin("DELETE", "calls");
  expect((await admin("GET", "calls")).body).toMatchObject({ total: 0, calls: [] });
});

test("reset undoes everything", async () => {
  await admin("DELETE", "jobs/demo-project/events-1");
  expect(await admin("POST", "reset")).toEqual(done);
  expect((await getEvents(simulator.url, "events-1")).page.total).toBe(1);
});

test.each([
  ["PATCH", "switches", { pageOffset: true }, 400],
  ["PATCH", "switches", { utcOffset: "Berlin" }, 400],
  ["POST", "faults", { fault: { kind: "flood" } }, 400],
  ["PUT", "jobs/demo-project/x", { generate: -1 }, 400],
  ["POST", "jobs/demo-project/nobody/trim", { count: 1 }, 404],
  ["PUT", "nothing", {}, 404],
])("%s /admin/%s with %j is refused with %i", async (method, path, body, status) => {
  expect(await admin(method, path, body)).toMatchObject({ status, body: { error: expect.any(String) } });
});

test.each([
  ['{"latencyMs":7}', 200],
  ['{"latencyMs":"long"}', 400],
  ["{", 400],
])("a body without a length is read, too: %s", async (text, status) => {
  const body = new Blob([text]).stream();
  const answer = await fetch(`${simulator.url}/admin/switches`, { method: "PATCH", body, duplex: "half" });
  expect(answer.status).toBe(status);
  if (status === 200) expect(await answer.json()).toMatchObject({ latencyMs: 7 });
});
