import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { GatewayError } from "../../../../src/errors.js";
import { startDeadline } from "../../../../src/http/request/deadline.js";

class FakeResponse extends EventEmitter {
  writableFinished = false;
  destroyed = false;
}

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

const codeOf = (signal: AbortSignal): string | null =>
  signal.reason instanceof GatewayError ? signal.reason.code : null;

test("aborts at the deadline and not before", () => {
  const { signal, deadlineMs } = startDeadline(15_000, new FakeResponse());
  expect(deadlineMs).toBe(1_015_000);
  jest.advanceTimersByTime(14_999);
  expect(signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  expect(codeOf(signal)).toBe("UPSTREAM_TIMEOUT");
  expect(signal.reason).toMatchObject({
    details: { modelArts: { errorCode: null, errorMsg: null, httpStatus: null, requestId: null } },
  });
});

test("aborts when the client goes away, and stops the clock", () => {
  const response = new FakeResponse();
  const { signal } = startDeadline(15_000, response);
  response.emit("close");
  expect(codeOf(signal)).toBe("UPSTREAM_UNAVAILABLE");
  expect(jest.getTimerCount()).toBe(0);
});

test("aborts at once if the client left before the start", () => {
  const response = new FakeResponse();
  response.destroyed = true;
  expect(startDeadline(15_000, response).signal.aborted).toBe(true);
  expect(jest.getTimerCount()).toBe(0);
});

test("leaves nothing behind after an answer", () => {
  const response = new FakeResponse();
  const { signal } = startDeadline(15_000, response);
  response.writableFinished = true;
  response.emit("close");
  expect(signal.aborted).toBe(false);
  expect(jest.getTimerCount()).toBe(0);
  expect(response.listenerCount("close")).toBe(0);
});
