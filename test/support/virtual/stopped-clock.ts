import { jest } from "@jest/globals";

/** Timers and functions that move bytes; they are not stopped. */
const EVENT_LOOP = ["hrtime", "nextTick", "queueMicrotask", "setImmediate", "clearImmediate"] as const;
const INTERVALS = ["setInterval", "clearInterval"] as const;
const LIMITS = ["Date", "performance", "setTimeout", "clearTimeout"] as const;

/**
 * Stops the clock of time limits, so that a slow machine does not exceed one. A test advances the time with
 * `jest.advanceTimersByTime`, and starts the clock again with `jest.useRealTimers`.
 */
export function stopClock(nowMs = Date.now()): void {
  jest.useFakeTimers({ now: nowMs, doNotFake: [...EVENT_LOOP, ...INTERVALS] });
}

/** Like {@link stopClock}, for intervals; time-outs still run. */
export function stopIntervals(): void {
  jest.useFakeTimers({ doNotFake: [...EVENT_LOOP, ...LIMITS] });
}
