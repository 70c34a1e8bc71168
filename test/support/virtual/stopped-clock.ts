import { jest } from "@jest/globals";

/** What moves bytes, and so goes on. */
const EVENT_LOOP = ["hrtime", "nextTick", "queueMicrotask", "setImmediate", "clearImmediate"] as const;
const INTERVALS = ["setInterval", "clearInterval"] as const;
const LIMITS = ["Date", "performance", "setTimeout", "clearTimeout"] as const;

/**
 * Stops the clock that limits run by, so that no slowness of the machine uses one up. A test lets time pass by
 * `jest.advanceTimersByTime`, and ends it all by `jest.useRealTimers`.
 */
export function stopClock(nowMs = Date.now()): void {
  jest.useFakeTimers({ now: nowMs, doNotFake: [...EVENT_LOOP, ...INTERVALS] });
}

/** As {@link stopClock}, for what is done again and again; limits go on. */
export function stopIntervals(): void {
  jest.useFakeTimers({ doNotFake: [...EVENT_LOOP, ...LIMITS] });
}
