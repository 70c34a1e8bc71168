import { describe, expect, test } from "@jest/globals";
import { parseRetryAfter, retryWaitMs } from "../../../../src/modelarts/calls/retry.js";

const asked = { attempt: 1, retryAfterMs: undefined, nowMs: 1_000, deadlineMs: 60_000, random: 0.5 };

describe("the wait before a retry", () => {
  test.each([
    [1, 0, 0],
    [1, 0.999, 99],
    [2, 0.999, 199],
    [3, 0.999, 399],
    [7, 0.5, 2_500],
    [1_000, 0.5, 2_500],
  ])("after try %d with random %d is %d ms", (attempt, random, expected) => {
    expect(retryWaitMs({ ...asked, attempt, random })).toBe(expected);
  });

  test("is added to the upstream's Retry-After", () => {
    expect(retryWaitMs({ ...asked, retryAfterMs: 3_000 })).toBe(3_050);
  });

  test("must end before the deadline", () => {
    expect(retryWaitMs({ ...asked, deadlineMs: 1_051 })).toBe(50);
    expect(retryWaitMs({ ...asked, deadlineMs: 1_050 })).toBeNull();
    expect(retryWaitMs({ ...asked, deadlineMs: 900 })).toBeNull();
    expect(retryWaitMs({ ...asked, retryAfterMs: 59_000 })).toBeNull();
  });
});

describe("Retry-After", () => {
  const nowMs = Date.UTC(2026, 0, 1, 0, 0, 0);

  test.each([
    ["0", 0],
    ["7", 7_000],
    [" 7 ", 7_000],
    [["7", "8"], 7_000],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
    ["Thursday, 01-Jan-26 00:00:30 GMT", 30_000],
    ["Wed, 31 Dec 2025 23:59:30 GMT", 0],
    ["99999999999999999999", 86_400_000],
    ["9".repeat(400), 86_400_000],
    ["Thu, 01 Jan 2099 00:00:00 GMT", 86_400_000],
    [undefined, undefined],
    ["", undefined],
    ["soon", undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["soon GMT", undefined],
    ["2026-01-01", undefined],
    [[], undefined],
  ])("%j is %s ms", (header, expected) => {
    expect(parseRetryAfter(header, nowMs)).toBe(expected);
  });
});
