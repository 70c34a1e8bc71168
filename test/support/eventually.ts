import { setTimeout as wait } from "node:timers/promises";

/** Below the time that jest gives to a test, so that the one who waited in vain is the one who says so. */
const LIMIT_MS = 100_000;
const PAUSE_MS = 5;

/**
 * Asks again until a condition holds that another process or socket brings about.
 * @param limitMs for tests that may last longer than jest's usual time; in milliseconds
 * @throws Error with the condition's text, once it has not held for so long
 */
export async function eventually(holds: () => boolean | Promise<boolean>, limitMs = LIMIT_MS): Promise<void> {
  // Not by Date or performance, which some tests stop.
  const startedNs = process.hrtime.bigint();
  while (!(await holds())) {
    if (process.hrtime.bigint() - startedNs > BigInt(limitMs) * 1_000_000n) {
      throw new Error(`It did not come about within ${limitMs} ms: ${holds.toString()}`);
    }
    await wait(PAUSE_MS);
  }
}
