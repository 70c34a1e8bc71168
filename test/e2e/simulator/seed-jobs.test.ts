import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Simulator, startSimulator } from "../../../src/simulator/server.js";
import { getEvents, walk } from "../../support/events-api.js";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const JOB = "modelarts-job-5bd61eea-9de2-4864-a0f7-5fae966171b5";

const row = (clock: string, level: string, message: string, source: string) => ({
  time: `2022-11-26T${clock}+08:00`,
  level,
  message,
  source,
});

test("the reference page's request gets the reference page's answer, field by field", async () => {
  const { status, page } = await getEvents(simulator.url, "documented-example", {
    order: "desc",
    offset: 0,
    limit: 10,
    start_time: "1669449696964",
    end_time: "1669711991259",
  });
  expect(status).toBe(200);
  const expected = {
    total: 27,
    limit: 10,
    offset: 0,
    order: "desc",
    start_time: "2022-11-26T16:01:36+08:00",
    end_time: "2022-11-29T16:53:11+08:00",
    events: [
      row("16:03:41", "Error", "Training job failed.", "Job"),
      row("16:03:16", "Info", `[Job: ${JOB}] ExecuteAction: Start to execute action TerminateJob`, "K8S"),
      row(
        "16:03:12",
        "Info",
        "[worker-0][time used: 0.296s] Upload training output(parameter name: train_url) finished.",
        "Task",
      ),
      row("16:03:12", "Info", "[worker-0] Training output(parameter name: train_url) Uploading.", "Task"),
      row("16:03:11", "Info", "[worker-0] Training finished. Exit code 1.", "Task"),
      row("16:02:10", "Info", "[worker-0] training started.", "Task"),
      row("16:02:09", "Info", "Training job is running.", "Job"),
      row("16:02:06", "Info", `[Pod: ${JOB}-worker-0] Started: Started container`, "K8S"),
      row("16:02:06", "Info", `[Pod: ${JOB}-worker-0] SuccessfulCreate: Created container`, "K8S"),
      row(
        "16:02:05",
        "Info",
        `[Pod: ${JOB}-worker-0] Pulled: Successfully pulled image "resource-path/modelarts-job-dev-image/modelarts-tool-container:1.0.0-5.3.1-b002.2"`,
        "K8s",
      ),
    ],
  };
  // Compared as text, so that the order of the fields counts too.
  expect(JSON.stringify(page, null, 2)).toBe(JSON.stringify(expected, null, 2));
});

describe("the seed jobs", () => {
  test.each([
    ["documented-example", 27],
    ["empty", 0],
    ["events-1", 1],
    ["events-100", 100],
    ["events-101", 101],
    ["events-1000", 1_000],
    ["one-second", 250],
    ["failed", 42],
    ["chinese", 60],
    ["odd-values", 8],
    ["incident", 2_161],
  ])("%s holds %i events, oldest first", async (jobId, count) => {
    const events = await walk(simulator.url, jobId);
    const times = events.map(({ time }) => Date.parse(time));
    expect(events).toHaveLength(count);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect((await getEvents(simulator.url, jobId)).page.total).toBe(count);
  });

  test("are the same at every start", async () => {
    const other = await startSimulator();
    expect(await walk(other.url, "events-1000")).toEqual(await walk(simulator.url, "events-1000"));
    await other.close();
  });

  test("events-1000 mixes levels and sources and has several events in one second", async () => {
    const events = await walk(simulator.url, "events-1000");
    expect(new Set(events.map(({ level }) => level))).toEqual(new Set(["Info", "Warning", "Error"]));
    expect(new Set(events.map(({ source }) => source))).toEqual(new Set(["K8S", "K8s", "Job", "Task"]));
    expect(new Set(events.map(({ time }) => time)).size).toBeLessThan(700);
  });

  test("one-second has exact repeats and a single time", async () => {
    const events = await walk(simulator.url, "one-second");
    expect(new Set(events.map(({ time }) => time)).size).toBe(1);
    expect(new Set(events.map(({ message }) => message)).size).toBe(200);
  });

  test("failed ends with a traceback of several lines and the job's own word", async () => {
    const { page } = await getEvents(simulator.url, "failed", { limit: 2 });
    expect(page.events[0]).toMatchObject({ level: "Error", source: "Job", message: "Training job failed." });
    expect(page.events[1]?.message).toMatch(/Traceback \(most recent call last\):\n {2}File "/);
  });

  test("incident is quiet except for ten minutes with all of its errors", async () => {
    const events = await walk(simulator.url, "incident");
    const start = Date.parse(events[0]?.time ?? "");
    const minutes = events
      .filter(({ level }) => level !== "Info")
      .map(({ time }) => (Date.parse(time) - start) / 60_000);
    expect(minutes).toHaveLength(960);
    expect(Math.min(...minutes)).toBe(320);
    expect(Math.max(...minutes)).toBeLessThan(330);
    expect(events.at(-1)?.message).toBe("Training job completed.");
  });

  test("odd-values has unknown words and nulls", async () => {
    const events = await walk(simulator.url, "odd-values");
    expect(events.map(({ level }) => level)).toEqual(expect.arrayContaining(["Debug", null, "error", ""]));
    expect(events.map(({ source }) => source)).toEqual(expect.arrayContaining(["Volcano", null, "k8s", ""]));
    expect(events.map(({ message }) => message)).toContain(null);
  });
});

test("a deep page of 100,000 events is correct in both orders", async () => {
  const offset = 98_765;
  const { page: asc } = await getEvents(simulator.url, "events-100000", { order: "asc", offset, limit: 100 });
  const { page: desc } = await getEvents(simulator.url, "events-100000", {
    order: "desc",
    offset: 100_000 - offset - 100,
    limit: 100,
  });
  const truth = simulator.jobs.rows("events-100000").slice(offset, offset + 100);
  expect(asc.total).toBe(100_000);
  expect(asc.events.map(({ message }) => message)).toEqual(truth.map(({ message }) => message));
  expect(asc.events.map(({ time }) => Date.parse(time))).toEqual(truth.map(({ timeMs }) => timeMs));
  expect(desc.events).toEqual([...asc.events].reverse());
});

test("the running job grows by an event per half second, by the clock given, up to its end", async () => {
  let now = Date.UTC(2026, 5, 1, 12, 0, 0);
  const clocked = await startSimulator({ nowMs: () => now });
  const total = async () => (await getEvents(clocked.url, "running", { limit: 1 })).page.total;
  expect(await total()).toBe(121);
  expect(await total()).toBe(121);
  now += 499;
  expect(await total()).toBe(121);
  now += 1;
  expect(await total()).toBe(122);
  now += 10_000;
  expect(await total()).toBe(142);
  const before = await walk(clocked.url, "running");
  now += 86_400_000;
  const after = await walk(clocked.url, "running");
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after).toHaveLength(20_000);
  expect(after.at(-1)).toMatchObject({ source: "Job", message: "Training job completed." });
  await clocked.close();
});
