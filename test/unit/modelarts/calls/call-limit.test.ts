import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { GatewayError } from "../../../../src/errors.js";
import { startLimit } from "../../../../src/modelarts/calls/call-limit.js";
import { callContext } from "../../../support/processes/modelarts-calls.js";

describe("the limit of a wait", () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test("ends at its own time", () => {
    const limit = startLimit(callContext(), 5_000);
    const told = jest.fn();
    limit.whenOver(told);
    jest.advanceTimersByTime(4_999);
    expect(limit.end()).toBeNull();
    expect(told).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(limit.end()).toMatchObject({ by: "limit", error: { code: "UPSTREAM_TIMEOUT" } });
    expect(told).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("ends at an earlier deadline, also if the deadline moved later meanwhile", () => {
    let deadlineMs = Date.now() + 1_000;
    const limit = startLimit(callContext({ deadlineMs: () => deadlineMs }), 5_000);
    jest.advanceTimersByTime(500);
    deadlineMs += 2_000;
    jest.advanceTimersByTime(2_499);
    expect(limit.end()).toBeNull();
    jest.advanceTimersByTime(1);
    expect(limit.end()).toMatchObject({ by: "deadline", error: { code: "UPSTREAM_TIMEOUT" } });
  });

  test("is over at once when the deadline has passed", () => {
    const limit = startLimit(callContext({ deadlineMs: () => Date.now() }), 5_000);
    const told = jest.fn();
    limit.whenOver(told);
    expect(told).toHaveBeenCalledTimes(1);
    expect(limit.end()).toMatchObject({ by: "deadline" });
    expect(jest.getTimerCount()).toBe(0);
  });

  test("accepts an infinite deadline", () => {
    const limit = startLimit(callContext({ deadlineMs: () => Infinity }), Infinity);
    jest.advanceTimersByTime(2 ** 32);
    expect(limit.end()).toBeNull();
    limit.stop();
    expect(jest.getTimerCount()).toBe(0);
  });

  test("ends with the caller's own reason if that is a GatewayError", () => {
    const controller = new AbortController();
    const limit = startLimit(callContext({ signal: controller.signal }), 5_000);
    const reason = new GatewayError("UPSTREAM_TIMEOUT", "Late.");
    controller.abort(reason);
    expect(limit.end()).toEqual({ by: "caller", error: reason });
    expect(jest.getTimerCount()).toBe(0);
  });

  test("ends with UPSTREAM_UNAVAILABLE if the caller gave another reason", () => {
    const controller = new AbortController();
    controller.abort(new Error("left"));
    const end = startLimit(callContext({ signal: controller.signal }), 5_000).end();
    expect(end).toMatchObject({ by: "caller", error: { code: "UPSTREAM_UNAVAILABLE" } });
    expect(end?.error.cause).toBe(controller.signal.reason);
  });

  test("once stopped, does not end", () => {
    const controller = new AbortController();
    const limit = startLimit(callContext({ signal: controller.signal }), 5_000);
    const told = jest.fn();
    limit.whenOver(told);
    limit.stop();
    controller.abort();
    jest.advanceTimersByTime(10_000);
    expect(told).not.toHaveBeenCalled();
    expect(limit.end()).toBeNull();
    expect(jest.getTimerCount()).toBe(0);
  });
});
