import { setTimeout as wait } from "node:timers/promises";

/** Shorter than jest's time limit, so that the error names the condition. */
const LIMIT_MS = 100_000;
const PAUSE_MS = 5;

/**
 * Waits until a condition holds, which depends on another process or socket.
 * @param limitMs for tests that may last longer than jest's usual time; in milliseconds
 * @throws Error with the condition's text, if it does not hold within the limit
 */
export async function eventually(holds: () => boolean | Promise<boolean>, limitMs = LIMIT_MS): Promise<void> {
  // Does not use Date or performance, because some tests stop them.
  const startedNs = process.hrtime.bigint();
  while (!(await holds())) {
    if (process.hrtime.bigint() - startedNs > BigInt(limitMs) * 1_000_000n) {
      throw new Error(`It did not come about within ${limitMs} ms: ${holds.toString()}`);
    }
    await wait(PAUSE_MS);
  }
}
