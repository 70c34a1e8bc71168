import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createTenancy } from "../../../../src/cache/keys.js";
import { createMemoryStore, type MemoryStore } from "../../../../src/cache/memory-store.js";
import { GatewayError, type GatewayErrorCode } from "../../../../src/errors.js";
import { createBackoffClient } from "../../../../src/event-log/backoff/backoff-client.js";
import { Pauses } from "../../../../src/event-log/backoff/pauses.js";
import {
  type CallContext,
  type EventsRequest,
  type ModelArtsClient,
} from "../../../../src/modelarts/client.js";
import { callContext, eventsRequest } from "../../../support/processes/modelarts-calls.js";

type Client = Pick<ModelArtsClient, "listEvents">;

const tenancy = createTenancy({ secret: "secret", upstream: "upstream" });
const LATENCY_MS = 20;

let nowMs = 0;
let store: MemoryStore;
let sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];
let calls: { readonly atMs: number; readonly jobId: string }[] = [];
let answers: (request: EventsRequest, call: CallContext) => GatewayErrorCode | "good" = () => "good";
let retryAfterMs: number | undefined;
let leaving = new AbortController();

beforeEach(() => {
  nowMs = Date.now();
  store = createMemoryStore({ maxBytes: 1_000_000, nowMs: () => nowMs });
  sleepers = [];
  calls = [];
  answers = () => "good";
  retryAfterMs = undefined;
  leaving = new AbortController();
});

afterEach(() => {
  leaving.abort();
});

function sleep(ms: number): Promise<void> {
  return new Promise((wake) => sleepers.push({ atMs: nowMs + ms, wake }));
}

/** One gateway process over the shared store; its upstream answers after some milliseconds. */
function gateway(random = (): number => 0, retries = 2): Client {
  const client: Client = {
    listEvents: async (request, call) => {
      calls.push({ atMs: nowMs, jobId: request.jobId });
      const answer = answers(request, call);
      await sleep(LATENCY_MS);
      if (answer === "good") return { total: 0, events: [] };
      const details = retryAfterMs === undefined ? {} : { retryAfterMs };
      throw new GatewayError(answer, "The upstream refuses.", details);
    },
  };
  const pauses = new Pauses(store, tenancy, () => nowMs, random);
  return createBackoffClient({ client, pauses, retries, nowMs: () => nowMs, sleep });
}

async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

/** Lets time pass in steps of 10 ms. */
async function pass(ms: number, each: () => void = () => undefined): Promise<void> {
  const endMs = nowMs + ms;
  while (nowMs < endMs) {
    each();
    await settle();
    nowMs += 10;
    const due = sleepers.filter(({ atMs }) => atMs <= nowMs);
    sleepers = sleepers.filter(({ atMs }) => atMs > nowMs);
    for (const { wake } of due) wake();
    await settle();
  }
}

/** The code that a call ends with. */
function ask(client: Client, jobId = "job-1", token = "MIIsecret-a", limitMs = 15_000): Promise<string> {
  const deadlineMs = nowMs + limitMs;
  const call = callContext({
    credentials: { kind: "token", token },
    deadlineMs: () => deadlineMs,
    signal: leaving.signal,
  });
  return client.listEvents(eventsRequest({ jobId }), call).then(
    () => "good",
    (error: unknown) => (error instanceof GatewayError ? error.code : "unknown"),
  );
}

const secondsOf = (jobId: string): number[] =>
  calls.filter((call) => call.jobId === jobId).map(({ atMs }) => Math.round((atMs - startMs) / 1000));
let startMs = 0;
beforeEach(() => {
  startMs = nowMs;
});

describe("while the upstream throttles", () => {
  beforeEach(() => {
    answers = () => "RATE_LIMITED";
  });

  test("100 reads a second of a job cause a call after 1, 2, 4, 8, 16 and 30 s", async () => {
    const client = gateway();
    await pass(92_000, () => void ask(client));
    // Two calls start before the first answer.
    expect(secondsOf("job-1")).toEqual([0, 0, 1, 3, 7, 15, 31, 61, 91]);
  });

  test("three processes that share the store make few more calls than one", async () => {
    const clients = [0.1, 0.5, 0.9].map((random) => gateway(() => random));
    for (const client of clients) void ask(client);
    // The first answers have to be there before other processes can know of them.
    await pass(30_000, () => {
      if (nowMs - startMs > 2 * LATENCY_MS) for (const client of clients) void ask(client);
    });
    expect(calls.length - clients.length).toBeLessThanOrEqual(5);
  });

  test("nine hot jobs in 30 s of 429 cost less than nine healthy ones", async () => {
    const client = gateway();
    await pass(30_000, () => {
      if ((nowMs - startMs) % 50 !== 0) return;
      for (let job = 0; job < 9; job++) void ask(client, `job-${job}`);
    });
    // Healthy jobs cost a call every 2 s.
    expect(calls.length).toBeLessThanOrEqual(9 * 6);
  });

  test("another job is not paused", async () => {
    const client = gateway();
    answers = ({ jobId }) => (jobId === "job-1" ? "RATE_LIMITED" : "good");
    void ask(client);
    await pass(100);
    const other = ask(client, "job-2");
    await pass(100);
    expect(await other).toBe("good");
  });

  test("a call whose deadline is before the end of the pause fails at once, with the time to wait", async () => {
    const client = gateway();
    retryAfterMs = 20_000;
    void ask(client);
    await pass(100);
    const call = callContext({ deadlineMs: () => nowMs + 15_000 });
    const error: unknown = await client.listEvents(eventsRequest(), call).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "RATE_LIMITED",
      details: { retryAfterMs: 20_000 - 100 + LATENCY_MS },
    });
    expect(calls).toHaveLength(1);
  });
});

describe("once the upstream no longer throttles", () => {
  test("the waiting calls are answered, and the next throttling starts with a short pause", async () => {
    const client = gateway();
    let throttled = 2;
    answers = () => (throttled-- > 0 ? "RATE_LIMITED" : "good");
    const asked = [ask(client), ask(client), ask(client)];
    await pass(8_000);
    expect(await Promise.all(asked)).toEqual(["good", "good", "good"]);
    calls = [];
    throttled = 1;
    startMs = nowMs;
    void ask(client);
    await pass(2_000);
    expect(secondsOf("job-1")).toEqual([0, 1]);
  });

  test("a longer Retry-After is waited for", async () => {
    const client = gateway();
    retryAfterMs = 5_000;
    let throttled = 1;
    answers = () => (throttled-- > 0 ? "RATE_LIMITED" : "good");
    const asked = ask(client);
    await pass(6_000);
    expect(await asked).toBe("good");
    expect(secondsOf("job-1")).toEqual([0, 5]);
  });

  test("retries end after the configured number of tries", async () => {
    const client = gateway(() => 0, 1);
    answers = () => "RATE_LIMITED";
    const asked = ask(client);
    await pass(3_000);
    expect(await asked).toBe("RATE_LIMITED");
    expect(calls).toHaveLength(2);
  });

  test("one call at a time goes through until one succeeds", async () => {
    const client = gateway();
    answers = () => "RATE_LIMITED";
    await pass(1_010, () => void ask(client));
    answers = () => "good";
    const before = calls.length;
    const asked = [1, 2, 3, 4, 5].map(() => ask(client));
    await pass(10);
    expect(calls.length - before).toBeLessThanOrEqual(1);
    await pass(1_000);
    expect(await Promise.all(asked)).toEqual(["good", "good", "good", "good", "good"]);
  });
});

describe("a job that does not exist", () => {
  test("read 100 times a second by many callers causes one call a second", async () => {
    const clients = [gateway(), gateway()];
    answers = () => "TRAINING_JOB_NOT_FOUND";
    const asked: Promise<string>[] = [];
    let turn = 0;
    await pass(10_000, () => {
      turn += 1;
      const client = clients[turn % 2];
      if (client !== undefined) asked.push(ask(client, "missing", `MIIsecret-${turn % 50}`));
    });
    await pass(100);
    expect(new Set(await Promise.all(asked))).toEqual(new Set(["TRAINING_JOB_NOT_FOUND"]));
    // Calls that start before the first answer of a second go through, too.
    expect(calls.length).toBeLessThanOrEqual(2 * 10);
  });

  test("is found a second after it was created", async () => {
    const client = gateway();
    answers = () => "TRAINING_JOB_NOT_FOUND";
    void ask(client);
    await pass(100);
    answers = () => "good";
    expect(await ask(client)).toBe("TRAINING_JOB_NOT_FOUND");
    await pass(1_000);
    const asked = ask(client);
    await pass(100);
    expect(await asked).toBe("good");
  });
});

describe("a refused caller", () => {
  test.each(["UNAUTHENTICATED", "FORBIDDEN"] as const)(
    "of %s waits for a second, and no other caller does",
    async (code) => {
      const client = gateway();
      answers = (_request, { credentials }) =>
        credentials.kind === "token" && credentials.token === "MIIsecret-a" ? code : "good";
      const refused = ask(client);
      await pass(100);
      expect(await refused).toBe(code);
      expect(await ask(client)).toBe(code);
      expect(calls).toHaveLength(1);
      const other = ask(client, "job-1", "MIIsecret-b");
      await pass(100);
      expect(await other).toBe("good");
      await pass(1_000);
      void ask(client);
      await pass(10);
      expect(calls).toHaveLength(3);
    },
  );

  test("leaves no token in the store", async () => {
    const client = gateway();
    answers = () => "FORBIDDEN";
    const pauses = new Pauses(store, tenancy, () => nowMs);
    void ask(client);
    await pass(100);
    const call = callContext({ credentials: { kind: "token", token: "MIIsecret-a" } });
    const key = pauses.keyOf(eventsRequest(), call, "FORBIDDEN");
    expect(`${key} ${store.peek(key)?.value.toString() ?? "nothing"}`).not.toMatch(/MIIsecret|nothing/);
  });
});

test("other bytes in the store than a pause are ignored", async () => {
  const client = gateway();
  const key = new Pauses(store, tenancy, () => nowMs).keyOf(eventsRequest(), callContext(), "RATE_LIMITED");
  for (const text of ["", "{}", "[1]", "null", JSON.stringify({ code: "RATE_LIMITED" })]) {
    store.set(key, {
      readAtMs: nowMs,
      freshMs: 60_000,
      keptUntilMs: nowMs + 60_000,
      receivedAtMs: nowMs,
      value: Buffer.from(text),
    });
    const asked = ask(client);
    await pass(50);
    expect(await asked).toBe("good");
  }
});
