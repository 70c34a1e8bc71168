import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { GatewayError } from "../../../../src/errors.js";
import { createBreaker, type Breaker, type BreakerCall } from "../../../../src/modelarts/calls/breaker.js";
import { subscribe } from "../../../../src/modelarts/channels.js";
import { type FailureReason } from "../../../../src/modelarts/calls/failure-reasons.js";
import { type TryOutcome } from "../../../../src/modelarts/calls/try-outcome.js";
import { INCONSISTENT_ANSWERS } from "../../../../src/modelarts/upstream-error.js";

const answered: TryOutcome = { kind: "answered", answer: { total: 0, events: [] }, requestId: null };

const REASONS = { refused: "not_found", failed: "server_error", abandoned: "abandoned" } as const;

function ended(kind: keyof typeof REASONS, reason: FailureReason = REASONS[kind]): TryOutcome {
  return { kind, error: new GatewayError("UPSTREAM_UNAVAILABLE", kind), retry: false, fault: null, reason };
}

/** An answer with status 200 that cannot be read. */
function invalid(): TryOutcome {
  const error = new GatewayError("UPSTREAM_INVALID_RESPONSE", "", { modelArts: INCONSISTENT_ANSWERS });
  return { kind: "failed", error, retry: false, fault: null, reason: "malformed_row" };
}

function callFor(jobId: string, requestId = "r"): BreakerCall {
  return { projectId: "project-1", jobId, requestId };
}

let nowMs = 0;
let states: string[] = [];
let stop = (): void => undefined;

beforeEach(() => {
  nowMs = 0;
  states = [];
  stop = subscribe("gateway:modelarts:breaker", ({ state }) => states.push(state));
});

afterEach(() => {
  stop();
});

function newBreaker(): Breaker {
  return createBreaker(() => nowMs);
}

async function run(breaker: Breaker, outcome: TryOutcome, times: number, jobId = "job-1"): Promise<void> {
  for (let i = 0; i < times; i++) await breaker.run(callFor(jobId), () => Promise.resolve(outcome));
}

async function opened(): Promise<Breaker> {
  const breaker = newBreaker();
  await run(breaker, ended("failed"), 20);
  return breaker;
}

/** The wait that the breaker returns, or null if it allows a try. */
function refusal(breaker: Breaker, jobId = "job-1"): number | null {
  try {
    breaker.check(callFor(jobId));
    return null;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    expect(error.code).toBe("UPSTREAM_UNAVAILABLE");
    expect(error.details.modelArts).toBeUndefined();
    return error.details.retryAfterMs ?? -1;
  }
}

describe("a closed breaker", () => {
  test.each([
    ["20 failures", 0, 20, "open"],
    ["19 failures", 0, 19, "closed"],
    ["10 failures of 20", 10, 10, "open"],
    ["9 failures of 20", 11, 9, "closed"],
    ["49 failures of 99", 50, 49, "closed"],
    ["50 failures of 100", 50, 50, "open"],
  ])("after %s", async (_name, good, bad, state) => {
    const breaker = newBreaker();
    await run(breaker, answered, good);
    await run(breaker, ended("failed"), bad);
    expect(refusal(breaker) === null ? "closed" : "open").toBe(state);
    expect(states).toEqual(state === "open" ? ["open"] : []);
  });

  test("counts a refusal as a success", async () => {
    const breaker = newBreaker();
    await run(breaker, ended("refused"), 200);
    await run(breaker, ended("failed"), 19);
    expect(refusal(breaker)).toBeNull();
  });

  test("does not count an abandoned try", async () => {
    const breaker = newBreaker();
    await run(breaker, ended("abandoned"), 200);
    await run(breaker, ended("failed"), 19);
    expect(refusal(breaker)).toBeNull();
    await run(breaker, ended("failed"), 1);
    expect(refusal(breaker)).toBe(2000);
  });

  test("forgets tries older than 10 s, also after an hour without tries", async () => {
    const breaker = newBreaker();
    await run(breaker, ended("failed"), 19);
    nowMs += 3_600_000;
    await run(breaker, ended("failed"), 1);
    expect(refusal(breaker)).toBeNull();
  });

  test("adds up the tries of 10 s", async () => {
    const breaker = newBreaker();
    for (let second = 0; second < 10; second++) {
      expect(refusal(breaker)).toBeNull();
      await run(breaker, ended("failed"), 2);
      nowMs += 999;
    }
    expect(refusal(breaker)).not.toBeNull();
  });

  test("returns the outcome of the try", async () => {
    const breaker = newBreaker();
    for (const outcome of [answered, ended("refused"), ended("failed"), ended("abandoned")]) {
      expect(await breaker.run(callFor("job-1"), () => Promise.resolve(outcome))).toBe(outcome);
    }
  });
});

test("each change of state is published with the request whose try caused it", async () => {
  const published: unknown[] = [];
  const end = subscribe("gateway:modelarts:breaker", (message) => published.push(message));
  const breaker = newBreaker();
  await run(breaker, ended("failed"), 19);
  await breaker.run(callFor("job-1", "last"), () => Promise.resolve(ended("failed")));
  nowMs += 2000;
  await breaker.run(callFor("job-1", "probe"), () => {
    expect(published).toHaveLength(2);
    return Promise.resolve(answered);
  });
  end();
  const { projectId, jobId } = callFor("job-1");
  expect(published).toEqual([
    { scope: "job", projectId, jobId, state: "open", previous: "closed", requestId: "last" },
    { scope: "job", projectId, jobId, state: "half-open", previous: "open", requestId: "probe" },
    { scope: "job", projectId, jobId, state: "closed", previous: "half-open", requestId: "probe" },
  ]);
});

describe("an open breaker", () => {
  test("makes no try, and returns the time to wait", async () => {
    const breaker = await opened();
    nowMs += 500;
    expect(refusal(breaker)).toBe(1500);
    const attempt = jest.fn(() => Promise.resolve(answered));
    await expect(breaker.run(callFor("job-1"), attempt)).rejects.toMatchObject({
      code: "UPSTREAM_UNAVAILABLE",
      details: { retryAfterMs: 1500 },
    });
    expect(attempt).not.toHaveBeenCalled();
  });

  test.each([answered, ended("refused")])("closes after a probe that was $kind", async (outcome) => {
    const breaker = await opened();
    nowMs += 2000;
    await run(breaker, outcome, 1);
    expect(states).toEqual(["open", "half-open", "closed"]);
    await run(breaker, ended("failed"), 18);
    expect(refusal(breaker)).toBeNull();
  });

  test.each([ended("failed"), ended("abandoned")])(
    "stays open for 2 s more after a probe that $kind",
    async (outcome) => {
      const breaker = await opened();
      nowMs += 2000;
      expect(await breaker.run(callFor("job-1"), () => Promise.resolve(outcome))).toBe(outcome);
      expect(states).toEqual(["open", "half-open", "open"]);
      expect(refusal(breaker)).toBe(2000);
      nowMs += 2000;
      await run(breaker, answered, 1);
      expect(states.at(-1)).toBe("closed");
    },
  );

  test("allows one probe, and refuses other calls at once while it runs", async () => {
    const breaker = await opened();
    nowMs += 2000;
    let finish: (outcome: TryOutcome) => void = () => undefined;
    const probe = breaker.run(callFor("job-1"), () => new Promise((resolve) => (finish = resolve)));
    const attempt = jest.fn(() => Promise.resolve(answered));
    await expect(breaker.run(callFor("job-1"), attempt)).rejects.toMatchObject({
      details: { retryAfterMs: 2000 },
    });
    expect(attempt).not.toHaveBeenCalled();
    finish(answered);
    expect(await probe).toBe(answered);
    expect(refusal(breaker)).toBeNull();
  });

  test("is not closed by the late success of a call from before", async () => {
    const breaker = newBreaker();
    let finish: (outcome: TryOutcome) => void = () => undefined;
    const late = breaker.run(callFor("job-1"), () => new Promise((resolve) => (finish = resolve)));
    await run(breaker, ended("failed"), 20);
    finish(answered);
    await late;
    expect(refusal(breaker)).toBe(2000);
  });
});

const jobIds = (count: number): string[] => Array.from({ length: count }, (_, i) => `other-${i}`);

describe("the circuit of the whole upstream", () => {
  test("stays closed while one job always fails, and other jobs are served", async () => {
    const breaker = newBreaker();
    for (let second = 0; second < 60; second++) {
      for (let i = 0; i < 50; i++) await run(breaker, ended("failed"), 1, "bad").catch(() => undefined);
      expect(refusal(breaker, "good")).toBeNull();
      await run(breaker, answered, 1, "good");
      expect(refusal(breaker, "bad")).not.toBeNull();
      nowMs += 1_000;
    }
  });

  test("stays closed while four jobs fail", async () => {
    const breaker = newBreaker();
    for (const jobId of jobIds(4)) await run(breaker, ended("failed"), 20, jobId);
    expect(refusal(breaker, "good")).toBeNull();
  });

  test("opens when five jobs fail", async () => {
    const breaker = newBreaker();
    for (const jobId of jobIds(5)) await run(breaker, ended("failed"), 4, jobId);
    expect(refusal(breaker, "good")).toBe(2_000);
  });

  test("stays closed when one job fails often and four jobs fail once", async () => {
    const breaker = newBreaker();
    for (const jobId of jobIds(4)) {
      await run(breaker, answered, 3, jobId);
      await run(breaker, ended("failed"), 1, jobId);
    }
    await run(breaker, ended("failed"), 20, "bad");
    expect(refusal(breaker, "bad")).toBe(2_000);
    expect(refusal(breaker, "good")).toBeNull();
  });

  test.each(["dns", "tls", "refused", "reset", "connect_timeout"] as const)(
    "opens when one job's connections fail by %s",
    async (reason) => {
      const breaker = newBreaker();
      await run(breaker, ended("failed", reason), 20);
      expect(refusal(breaker, "good")).toBe(2_000);
    },
  );

  test("is not opened by invalid answers with status 200 of any number of jobs", async () => {
    const breaker = newBreaker();
    for (const jobId of jobIds(10)) await run(breaker, invalid(), 20, jobId);
    expect(refusal(breaker, "other-0")).toBe(2_000);
    expect(refusal(breaker, "good")).toBeNull();
  });

  test("is closed by any answer after failures of the connection", async () => {
    const breaker = newBreaker();
    await run(breaker, ended("failed", "refused"), 20, "bad");
    nowMs += 2_000;
    await run(breaker, ended("failed"), 1, "bad");
    expect(refusal(breaker, "bad")).toBe(2_000);
    expect(refusal(breaker, "good")).toBeNull();
  });

  test("lets other jobs probe first after the probe of one job failed", async () => {
    const breaker = newBreaker();
    for (const jobId of jobIds(5)) await run(breaker, ended("failed"), 4, jobId);
    nowMs += 2_000;
    await run(breaker, ended("failed"), 1, "other-0");
    nowMs += 2_000;
    expect(refusal(breaker, "other-0")).toBe(2_000);
    expect(refusal(breaker, "good")).toBeNull();
    await run(breaker, answered, 1, "good");
    expect(refusal(breaker, "other-0")).toBeNull();
  });
});

test("the number of remembered jobs is limited", async () => {
  const open: string[] = [];
  const end = subscribe("gateway:modelarts:breaker", ({ state, requestId }) => {
    open.push(`${state} ${requestId ?? "forgotten"}`);
  });
  const breaker = newBreaker();
  await run(breaker, ended("failed"), 20, "first");
  for (let i = 0; i < 1_000; i++) await run(breaker, answered, 1, `job-${i}`);
  end();
  expect(refusal(breaker, "first")).toBeNull();
  expect(open).toEqual(["open r", "closed forgotten"]);
});
