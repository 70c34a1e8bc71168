import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventsUrl, getEvents, walk } from "../../support/events-api.js";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
beforeEach(() => {
  simulator.reset();
});
afterAll(() => simulator.close());

const get = (jobId: string, query: Record<string, string | number> = {}, headers = {}) =>
  getEvents(simulator.url, jobId, query, headers);
const messages = async (jobId: string) => (await walk(simulator.url, jobId)).map(({ message }) => message);

describe("logs that change", () => {
  beforeEach(() => {
    simulator.jobs.create("j", [
      { timeMs: 3_000, message: "c" },
      { timeMs: 1_000, message: "a" },
      { timeMs: 2_000, message: "b1" },
      { timeMs: 2_900, message: "b2" },
    ]);
  });

  test("a job created begins in order of time", async () => {
    expect(await messages("j")).toEqual(["a", "b1", "b2", "c"]);
  });

  test("a late event is placed after all events of its second or earlier", async () => {
    simulator.jobs.add("j", [{ timeMs: 2_100, message: "late" }]);
    simulator.jobs.add("j", [{ timeMs: 500, message: "oldest" }]);
    expect(await messages("j")).toEqual(["oldest", "a", "b1", "b2", "late", "c"]);
  });

  test("events without a time are added at the end, even if the clock is slow", async () => {
    simulator.jobs.add("j", [{ timeMs: Date.now() + 3_600_000, message: "future" }, { message: "d" }]);
    expect(await messages("j")).toEqual(["a", "b1", "b2", "c", "future", "d"]);
  });

  test("a trim drops the oldest", async () => {
    simulator.jobs.trim("j", 3);
    expect(await messages("j")).toEqual(["c"]);
    expect((await get("j", { order: "desc" })).page.total).toBe(1);
  });

  test("a deleted job is unknown, and accepts no events", async () => {
    expect(simulator.jobs.delete("j")).toBe(true);
    expect(simulator.jobs.delete("j")).toBe(false);
    expect((await get("j")).page.error_code).toBe("ModelArts.2775");
    expect(() => {
      simulator.jobs.add("j", [{ message: "x" }]);
    }).toThrow("The simulator has no job j in project demo-project.");
  });
});

describe("switches", () => {
  test("pageOffsets: offset counts pages of limit, in either order", async () => {
    simulator.set({ pageOffsets: true });
    const truth = simulator.jobs.rows("events-101").map(({ message }) => message);
    const { page } = await get("events-101", { order: "asc", offset: 2, limit: 40 });
    expect(page).toMatchObject({ total: 101, offset: 2 });
    expect(page.events.map(({ message }) => message)).toEqual(truth.slice(80));
    const { page: desc } = await get("events-101", { order: "desc", offset: 1, limit: 100 });
    expect(desc.events.map(({ message }) => message)).toEqual(truth.slice(0, 1));
  });

  test("numbersAsStrings", async () => {
    simulator.set({ numbersAsStrings: true });
    expect((await get("events-101", { limit: 2 })).page).toMatchObject({
      total: "101",
      limit: "2",
      offset: "0",
    });
  });

  test.each([
    ["Z", "2022-11-26T08:03:41Z"],
    ["+05:30", "2022-11-26T13:33:41+05:30"],
    ["-03:30", "2022-11-26T04:33:41-03:30"],
  ])("utcOffset %s writes the same moment as %s", async (utcOffset, time) => {
    simulator.set({ utcOffset });
    const { page } = await get("documented-example", { limit: 1, start_time: 0, end_time: 1669711991259 });
    expect(page.events[0]?.time).toBe(time);
    expect(page.start_time).toContain(utcOffset);
  });

  test("emptyEvents", async () => {
    expect((await get("empty")).page.events).toEqual([]);
    simulator.set({ emptyEvents: "null" });
    expect((await get("empty")).page.events).toBeNull();
    simulator.set({ emptyEvents: "absent" });
    expect((await get("empty")).page).not.toHaveProperty("events");
    expect((await get("events-1")).page.events).toHaveLength(1);
  });

  test("rejectSource", async () => {
    simulator.set({ rejectSource: true });
    expect((await get("events-1", { source: "Job" })).page.error_code).toBe("ModelArts.50004000");
    expect((await get("events-1")).status).toBe(200);
  });

  test("tokens: an unknown token, one of another project, or one without the job's permission is refused", async () => {
    simulator.set({
      tokens: [
        { token: "all" },
        { token: "elsewhere", projects: ["p2"] },
        { token: "narrow", jobs: ["events-1"] },
      ],
    });
    const ask = async (jobId: string, token?: string) => {
      const { status, page } = await get(jobId, {}, token === undefined ? {} : { "X-Auth-Token": token });
      return [status, page.error_code];
    };
    expect(await ask("events-1")).toEqual([401, "APIGW.0301"]);
    expect(await ask("events-1", "forged")).toEqual([401, "APIGW.0301"]);
    expect(await ask("events-1", "elsewhere")).toEqual([404, "ModelArts.2786"]);
    expect(await ask("failed", "narrow")).toEqual([400, "ModelArts.2771"]);
    expect(await ask("events-1", "narrow")).toEqual([200, undefined]);
    expect(await ask("events-1", "all")).toEqual([200, undefined]);
  });
});

describe("calls", () => {
  test("each is recorded with path, query, headers and status", async () => {
    await get(
      "events-1",
      { limit: 3, order: "asc" },
      { "X-Auth-Token": "t", "X-Request-Id": "r", "X-Other": "o" },
    );
    await get("no-such-job");
    expect(simulator.calls.total).toBe(2);
    expect(simulator.calls.inFlight).toBe(0);
    const [first, second] = simulator.calls.list;
    expect(first).toMatchObject({
      method: "GET",
      path: "/v2/demo-project/training-jobs/events-1/events",
      query: { limit: "3", order: "asc" },
      headers: { "x-auth-token": "t", "x-request-id": "r" },
      status: 200,
      ended: true,
    });
    expect(first?.headers).not.toHaveProperty("x-other");
    expect(second?.status).toBe(400);
  });

  test("those in flight are counted, and an aborted one ends without a status", async () => {
    simulator.faults.add({ fault: { kind: "hang" }, times: 2 });
    const controllers = [new AbortController(), new AbortController()];
    const asked = controllers.map(({ signal }) => fetch(eventsUrl(simulator.url, "events-1"), { signal }));
    const ends = Promise.allSettled(asked);
    const until = async (met: () => boolean) => {
      while (!met()) await new Promise((resolve) => setImmediate(resolve));
    };
    await until(() => simulator.calls.inFlight === 2);
    for (const controller of controllers) controller.abort();
    expect((await ends).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await until(() => simulator.calls.inFlight === 0);
    expect(simulator.calls.peakInFlight).toBe(2);
    expect(simulator.calls.list).toMatchObject([
      { status: null, ended: true },
      { status: null, ended: true },
    ]);
  });
});

test("reset restores the seed jobs and the switches, and removes faults and calls", async () => {
  simulator.set({ pageOffsets: true, latencyMs: 1 });
  simulator.jobs.delete("events-1");
  simulator.jobs.create("mine");
  simulator.faults.add({ fault: { kind: "hang" }, times: null });
  simulator.reset();
  expect((await get("events-1", { limit: 1 })).status).toBe(200);
  expect((await get("mine")).status).toBe(400);
  expect(simulator.switches).toMatchObject({ pageOffsets: false, latencyMs: 0 });
  expect(simulator.calls.total).toBe(2);
});

test("latency delays every answer", async () => {
  simulator.set({ latencyMs: 30 });
  const start = performance.now();
  await get("events-1");
  // A timer may fire a millisecond early by this clock.
  expect(performance.now() - start).toBeGreaterThanOrEqual(28);
});
