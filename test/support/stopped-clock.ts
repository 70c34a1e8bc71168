import { jest } from "@jest/globals";

/**
 * Stops the clock that limits run by, so that no slowness of the machine uses one up. A test lets time pass by
 * `jest.advanceTimersByTime`, and ends it all by `jest.useRealTimers`. What moves bytes goes on as ever.
 */
export function stopClock(nowMs = Date.now()): void {
  jest.useFakeTimers({
    now: nowMs,
    doNotFake: [
      "hrtime",
      "nextTick",
      "queueMicrotask",
      "setImmediate",
      "clearImmediate",
      "setInterval",
      "clearInterval",
    ],
  });
}
