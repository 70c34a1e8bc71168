import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { fetchQuery } from "relay-runtime";
import {
  AllEventsDocument,
  adviceFor,
  GATEWAY_ERROR_CODES,
  gatewayErrorsOf,
  isGatewayError,
} from "modelarts-events-client";
import { GATEWAY_ERRORS } from "../../../src/errors.js";
import { EXECUTES, relayEnvironment } from "./clients.js";
import page from "./relay/page.generated.js";
import {
  startRestartableGateway,
  type RestartableGateway,
} from "../../../test/support/processes/restartable-gateway.js";
import { LIVE_CLIENTS } from "./live-clients.js";

let gateway: RestartableGateway;
beforeAll(async () => {
  gateway = await startRestartableGateway({ UPSTREAM_RETRIES: "0" });
});
afterAll(() => gateway.close());

/** What a client throws for a job that is not there. */
const FAILING: readonly [string, () => Promise<unknown>][] = [
  ...EXECUTES.map(
    ([name, executeAt]) =>
      [name, () => thrownBy(() => executeAt(gateway.url)(AllEventsDocument, { id: "no-such-job" }))] as [
        string,
        () => Promise<unknown>,
      ],
  ),
  [
    "Relay",
    () =>
      thrownBy(() => {
        const [, createClient] = LIVE_CLIENTS[0] ?? [];
        if (createClient === undefined) throw new Error("There is no live client.");
        const environment = relayEnvironment(gateway.url, createClient(gateway.url));
        return fetchQuery(environment, page, { id: "no-such-job", first: 1 }).toPromise();
      }),
  ],
  ...LIVE_CLIENTS.map(
    ([name, createClient]) =>
      [
        name,
        () =>
          new Promise((resolve) => {
            createClient(gateway.url).subscribe(
              { query: 'subscription { trainingJobEvents(id: "no-such-job") { endCursor } }' },
              {
                next: (result) => {
                  if (result.errors !== undefined) resolve(result);
                },
                error: resolve,
                complete: () => undefined,
              },
            );
          }),
      ] as [string, () => Promise<unknown>],
  ),
];

async function thrownBy(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (failure) {
    return failure;
  }
  throw new Error("It did not fail.");
}

describe.each(FAILING)("an error through %s", (_name, fail) => {
  test("has a code and advice", async () => {
    const failure = await fail();
    expect(isGatewayError(failure)).toBe(true);
    expect(isGatewayError(failure, "RATE_LIMITED", "TRAINING_JOB_NOT_FOUND")).toBe(true);
    expect(isGatewayError(failure, "RATE_LIMITED")).toBe(false);
    expect(gatewayErrorsOf(failure)).toEqual([
      expect.objectContaining({
        code: "TRAINING_JOB_NOT_FOUND",
        retryable: false,
        modelArts: expect.objectContaining({ errorCode: "ModelArts.2775" }) as unknown,
      }),
    ]);
    expect(adviceFor(failure)).toMatchObject({ action: "tell-user" });
  });
});

describe.each(EXECUTES)("through %s", (_name, executeAt) => {
  test("RATE_LIMITED contains the time until a retry", async () => {
    gateway.simulator.faults.add({
      fault: { kind: "error", status: 429, code: "ModelArts.2799", headers: { "Retry-After": "7" } },
      times: null,
      jobId: "events-100",
    });
    const failure = await thrownBy(() => executeAt(gateway.url)(AllEventsDocument, { id: "events-100" }));
    gateway.simulator.faults.clear();
    expect(isGatewayError(failure, "RATE_LIMITED")).toBe(true);
    const advice = adviceFor(failure);
    expect(advice.action === "retry" && advice.afterMs > 1_000).toBe(true);
  });

  test("a gateway that cannot be reached gives a failure without a code, and the advice to retry", async () => {
    const failure = await thrownBy(() =>
      executeAt("http://127.0.0.1:9/graphql")(AllEventsDocument, { id: "x" }),
    );
    expect(gatewayErrorsOf(failure)).toEqual([]);
    expect(adviceFor(failure)).toMatchObject({ action: "retry", error: null });
  });

  test("an invalid document is not retried", async () => {
    const failure = await thrownBy(() =>
      executeAt(gateway.url)(AllEventsDocument, { id: "x", order: "SIDEWAYS" as never }),
    );
    expect(adviceFor(failure)).toMatchObject({ action: "report" });
  });
});

test("the codes are those of the gateway", () => {
  const retryable = (codes: Record<string, { retryable: boolean }>) =>
    Object.entries(codes).map(([code, { retryable: isRetryable }]) => [code, isRetryable]);
  expect(Object.fromEntries(retryable(GATEWAY_ERROR_CODES))).toEqual(
    Object.fromEntries(retryable(GATEWAY_ERRORS)),
  );
});

describe("advice", () => {
  const failure = (extensions: object) => ({ errors: [{ message: "It failed.", extensions }] });

  test("resumes at the cursor of CURSOR_EXPIRED, and starts again if it has none", () => {
    const expired = { code: "CURSOR_EXPIRED", retryable: false };
    expect(adviceFor(failure({ ...expired, resumeCursor: "next" }))).toMatchObject({
      action: "resume",
      cursor: "next",
    });
    expect(adviceFor(failure({ ...expired, resumeCursor: null }))).toMatchObject({ action: "restart" });
  });

  test("waits longer with each attempt, never less than the gateway asks, and 30 s at most", () => {
    const waits = [0, 1, 2, 10].map((attempt) => {
      const advice = adviceFor(new TypeError("fetch failed"), attempt);
      return advice.action === "retry" ? advice.afterMs : null;
    });
    [500, 1_000, 2_000, 15_000].forEach((least, at) => {
      expect(waits[at]).toBeGreaterThanOrEqual(least);
      expect(waits[at]).toBeLessThanOrEqual(2 * least);
    });
    const limited = failure({ code: "RATE_LIMITED", retryable: true, retryAfterMs: 60_000 });
    expect(adviceFor(limited)).toMatchObject({ action: "retry", afterMs: 60_000 });
  });

  test.each([
    [4401, "sign-in"],
    [4400, "report"],
    [1012, "retry"],
  ])("knows the close code %i of a WebSocket", (code, action) => {
    expect(adviceFor({ code, reason: "" })).toMatchObject({ action, error: null });
  });

  test("of several errors, uses the one for which a retry cannot help", () => {
    const both = {
      errors: [
        { message: "a", extensions: { code: "UPSTREAM_TIMEOUT", retryable: true } },
        { message: "b", extensions: { code: "UNAUTHENTICATED", retryable: false } },
      ],
    };
    expect(adviceFor(both)).toMatchObject({ action: "sign-in" });
  });

  test.each([
    ["null", null],
    ["a text", "RATE_LIMITED"],
    ["a code outside extensions", { code: "RATE_LIMITED" }],
    ["a code of another program", failure({ code: "P2002" })],
  ])("is not misled by %s", (_name, value) => {
    expect(isGatewayError(value)).toBe(false);
  });

  test("ends with an error that is its own cause", () => {
    const loop: { cause?: unknown } = {};
    loop.cause = loop;
    expect(isGatewayError(loop)).toBe(false);
  });
});
