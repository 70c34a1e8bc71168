import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { GatewayError } from "../../../../src/errors.js";
import { createBreaker, type Breaker } from "../../../../src/modelarts/calls/breaker.js";
import { subscribe } from "../../../../src/modelarts/channels.js";
import { type TryOutcome } from "../../../../src/modelarts/calls/try-outcome.js";

const answered: TryOutcome = { kind: "answered", answer: { total: 0, events: [] }, requestId: null };

function ended(kind: "refused" | "failed" | "abandoned"): TryOutcome {
  return { kind, error: new GatewayError("UPSTREAM_UNAVAILABLE", kind), retry: false, fault: null };
}

let nowMs = 0;
let states: string[] = [];
let stop = (): void => undefined;

beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1);
  jest.spyOn(Date, "now").mockImplementation(() => nowMs);
  states = [];
  stop = subscribe("gateway:modelarts:breaker", ({ state }) => states.push(state));
});

afterEach(() => {
  stop();
  jest.restoreAllMocks();
});

async function run(breaker: Breaker, outcome: TryOutcome, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await breaker.run("r", () => Promise.resolve(outcome));
}

async function opened(): Promise<Breaker> {
  const breaker = createBreaker();
  await run(breaker, ended("failed"), 20);
  return breaker;
}

/** The wait that the breaker asks for, or null where it lets a try through. */
function refusal(breaker: Breaker): number | null {
  try {
    breaker.check();
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
    const breaker = createBreaker();
    await run(breaker, answered, good);
    await run(breaker, ended("failed"), bad);
    expect(refusal(breaker) === null ? "closed" : "open").toBe(state);
    expect(states).toEqual(state === "open" ? ["open"] : []);
  });

  test("counts a refusal as a call that did not fail", async () => {
    const breaker = createBreaker();
    await run(breaker, ended("refused"), 200);
    await run(breaker, ended("failed"), 19);
    expect(refusal(breaker)).toBeNull();
  });

  test("does not count what was abandoned", async () => {
    const breaker = createBreaker();
    await run(breaker, ended("abandoned"), 200);
    await run(breaker, ended("failed"), 19);
    expect(refusal(breaker)).toBeNull();
    await run(breaker, ended("failed"), 1);
    expect(refusal(breaker)).toBe(2000);
  });

  test("forgets what is older than 10 s, also after a silence", async () => {
    const breaker = createBreaker();
    await run(breaker, ended("failed"), 19);
    nowMs += 3_600_000;
    await run(breaker, ended("failed"), 1);
    expect(refusal(breaker)).toBeNull();
  });

  test("adds up what comes within 10 s", async () => {
    const breaker = createBreaker();
    for (let second = 0; second < 10; second++) {
      expect(refusal(breaker)).toBeNull();
      await run(breaker, ended("failed"), 2);
      nowMs += 999;
    }
    expect(refusal(breaker)).not.toBeNull();
  });

  test("hands on what a try ended with", async () => {
    const breaker = createBreaker();
    for (const outcome of [answered, ended("refused"), ended("failed"), ended("abandoned")]) {
      expect(await breaker.run("r", () => Promise.resolve(outcome))).toBe(outcome);
    }
  });
});

test("a change is told with the request whose try brought it about", async () => {
  const told: unknown[] = [];
  const end = subscribe("gateway:modelarts:breaker", (message) => told.push(message));
  const breaker = createBreaker();
  await run(breaker, ended("failed"), 19);
  await breaker.run("last", () => Promise.resolve(ended("failed")));
  nowMs += 2000;
  await breaker.run("probe", () => {
    expect(told).toHaveLength(1);
    return Promise.resolve(answered);
  });
  end();
  expect(told).toEqual([
    { state: "open", requestId: "last" },
    { state: "half-open", requestId: "probe" },
    { state: "closed", requestId: "probe" },
  ]);
});

describe("an open breaker", () => {
  test("makes no try, and says how long", async () => {
    const breaker = await opened();
    nowMs += 500;
    expect(refusal(breaker)).toBe(1500);
    const attempt = jest.fn(() => Promise.resolve(answered));
    await expect(breaker.run("r", attempt)).rejects.toMatchObject({
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
      expect(await breaker.run("r", () => Promise.resolve(outcome))).toBe(outcome);
      expect(states).toEqual(["open", "half-open", "open"]);
      expect(refusal(breaker)).toBe(2000);
      nowMs += 2000;
      await run(breaker, answered, 1);
      expect(states.at(-1)).toBe("closed");
    },
  );

  test("lets one probe through, and refuses the others at once while it runs", async () => {
    const breaker = await opened();
    nowMs += 2000;
    let finish: (outcome: TryOutcome) => void = () => undefined;
    const probe = breaker.run("r", () => new Promise((resolve) => (finish = resolve)));
    const attempt = jest.fn(() => Promise.resolve(answered));
    await expect(breaker.run("r", attempt)).rejects.toMatchObject({ details: { retryAfterMs: 2000 } });
    expect(attempt).not.toHaveBeenCalled();
    finish(answered);
    expect(await probe).toBe(answered);
    expect(refusal(breaker)).toBeNull();
  });

  test("is not closed by a late success of before", async () => {
    const breaker = createBreaker();
    let finish: (outcome: TryOutcome) => void = () => undefined;
    const late = breaker.run("r", () => new Promise((resolve) => (finish = resolve)));
    await run(breaker, ended("failed"), 20);
    finish(answered);
    await late;
    expect(refusal(breaker)).toBe(2000);
  });
});
