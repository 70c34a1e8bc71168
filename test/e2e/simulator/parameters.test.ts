import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { eventsUrl, getEvents, walk } from "../../support/events-api.js";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const get = (jobId: string, query: Record<string, string | number> = {}, headers = {}) =>
  getEvents(simulator.url, jobId, query, headers);

describe("bad parameters are 400 ModelArts.50004000", () => {
  test.each<Record<string, string>>([
    { limit: "0" },
    { limit: "101" },
    { limit: "-1" },
    { limit: "ten" },
    { limit: "" },
    { limit: "1.5" },
    { offset: "-1" },
    { offset: "2147483648" },
    { offset: "1e3" },
    { order: "newest" },
    { order: "ASC" },
    { level: "Debug" },
    { level: "info" },
    { source: "K8s" },
    { source: "" },
    { pattern: "x".repeat(257) },
    { start_time: "1669449696964" },
    { end_time: "1669449696964" },
    { start_time: "1669449696964", end_time: "" },
    { start_time: "2022-11-26T16:01:36+08:00", end_time: "2022-11-29T16:53:11+08:00" },
    { start_time: "2", end_time: "1" },
  ])("%j", async (query) => {
    const { status, page } = await get("events-101", query);
    expect(status).toBe(400);
    expect(page).toEqual({ error_code: "ModelArts.50004000", error_msg: "Bad request." });
  });
});

test("without parameters: the first 50, newest first, and no time range", async () => {
  const { page } = await get("events-101");
  expect(page).toMatchObject({ total: 101, limit: 50, offset: 0, order: "desc" });
  expect(page.events).toHaveLength(50);
  expect(page).not.toHaveProperty("start_time");
  expect(page).not.toHaveProperty("end_time");
});

test("the edges of the ranges are allowed, and past the end there is an empty page", async () => {
  expect((await get("events-101", { limit: 100, pattern: "x".repeat(256) })).page.total).toBe(0);
  expect((await get("events-101", { limit: 1, offset: 100 })).page.events).toHaveLength(1);
  for (const order of ["asc", "desc"]) {
    const { page } = await get("events-101", { order, offset: 101 });
    expect(page).toMatchObject({ total: 101, offset: 101, events: [] });
  }
});

test.each([1, 7, 100])(
  "desc in pages of %i is the exact reverse of asc, also within a second",
  async (limit) => {
    const newestFirst = [];
    for (let offset = 0; offset < 250; offset += limit) {
      newestFirst.push(...(await get("one-second", { order: "desc", offset, limit })).page.events);
    }
    expect(newestFirst.reverse()).toEqual(await walk(simulator.url, "one-second"));
  },
);

describe("filters", () => {
  test("level and source filter the rows and the total; their case in the events does not matter", async () => {
    const all = await walk(simulator.url, "events-1000");
    for (const level of ["Info", "Error", "Warning"]) {
      const expected = all.filter((event) => event.level === level);
      const { page } = await get("events-1000", { order: "asc", level, limit: 100 });
      expect(page.total).toBe(expected.length);
      expect(page.events).toEqual(expected.slice(0, 100));
    }
    const kubernetes = all.filter(({ source }) => source?.toUpperCase() === "K8S");
    const { page } = await get("events-1000", { order: "asc", source: "K8S", offset: 3, limit: 100 });
    expect(page.total).toBe(kubernetes.length);
    expect(page.events).toEqual(kubernetes.slice(3, 103));
    expect(page.events.map(({ source }) => source)).toContain("K8s");
    expect((await get("odd-values", { level: "Error" })).page.events).toMatchObject([{ level: "error" }]);
  });

  test("pattern is a part of the message, case-sensitive and without special characters", async () => {
    expect((await get("documented-example", { pattern: "Training" })).page.total).toBe(11);
    expect((await get("documented-example", { pattern: "training" })).page.total).toBe(5);
    expect((await get("documented-example", { pattern: "[worker-0]" })).page.total).toBe(9);
    expect((await get("documented-example", { pattern: ".*" })).page.total).toBe(0);
  });

  test("a time range includes both its ends and is echoed to the second", async () => {
    const second = Date.parse("2022-11-26T16:02:06+08:00");
    const { page } = await get("documented-example", { start_time: second, end_time: second });
    expect(page.events.map(({ time }) => time)).toEqual(Array(2).fill("2022-11-26T16:02:06+08:00"));
    const { page: next } = await get("documented-example", {
      start_time: second + 1,
      end_time: second + 999,
    });
    expect(next).toMatchObject({ total: 0, start_time: "2022-11-26T16:02:06+08:00" });
  });

  test("show events that were written since the last call", async () => {
    simulator.jobs.create("filtered", [{ timeMs: 1000, message: "one", level: "Error" }]);
    expect((await get("filtered", { level: "Error" })).page.total).toBe(1);
    simulator.jobs.add("filtered", [{ timeMs: 2000, message: "two", level: "Error" }]);
    expect((await get("filtered", { level: "Error" })).page.total).toBe(2);
    simulator.jobs.trim("filtered", 2);
    expect((await get("filtered", { level: "Error" })).page.total).toBe(0);
  });
});

test("X-Language: zh-cn changes the messages of jobs and tasks, not those of Kubernetes", async () => {
  const { page: english } = await get("events-1000", { order: "asc", limit: 100 }, { "X-Language": "en-us" });
  const { page: chinese } = await get("events-1000", { order: "asc", limit: 100 }, { "X-Language": "zh-cn" });
  expect(chinese.events.map(({ time, level, source }) => [time, level, source])).toEqual(
    english.events.map(({ time, level, source }) => [time, level, source]),
  );
  for (const [index, { source, message }] of english.events.entries()) {
    const translated = chinese.events[index]?.message;
    if (source?.toUpperCase() === "K8S") expect(translated).toBe(message);
    else expect(translated).toMatch(/\p{Script=Han}/u);
  }
  const pattern = "训练作业";
  expect((await get("events-1000", { pattern }, { "X-Language": "zh-cn" })).page.total).toBeGreaterThan(0);
  expect((await get("events-1000", { pattern })).page.total).toBe(0);
});

describe("errors that are not a parameter's", () => {
  test("an unknown job is a 400 with its ID in the message, also one of another project", async () => {
    const { status, page } = await get("no-such-job");
    expect(status).toBe(400);
    expect(page.error_code).toBe("ModelArts.2775");
    expect(page.error_msg).toContain("no-such-job");
    const other = await fetch(eventsUrl(simulator.url, "events-1", {}, "other-project"));
    expect(await other.json()).toMatchObject({ error_code: "ModelArts.2775" });
  });

  test.each([
    "/",
    "/v2/demo-project/training-jobs/events-1",
    "/v2/p/training-jobs/%ff/events",
    "/admin/jobs",
  ])("%s is no API: 404 APIGW.0101", async (path) => {
    const response = await fetch(simulator.url + path, { headers: { "X-Request-Id": "abc" } });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error_code: "APIGW.0101", request_id: "abc" });
  });

  test("another method is 405 ModelArts.2803", async () => {
    const response = await fetch(eventsUrl(simulator.url, "events-1"), { method: "POST", body: "{}" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET");
    expect(await response.json()).toMatchObject({ error_code: "ModelArts.2803" });
  });
});

test("X-Request-Id comes back, or is made", async () => {
  expect((await get("events-1", {}, { "X-Request-Id": "mine" })).headers.get("x-request-id")).toBe("mine");
  expect((await get("events-1")).headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});
