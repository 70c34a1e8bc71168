import { monitorEventLoopDelay } from "node:perf_hooks";

/** How finely stalls are measured, in milliseconds. */
const RESOLUTION_MS = 10;

/**
 * Makes an attempt, and repeats it if this process was blocked for `limitMs` during it. After such a stall a time limit
 * may have been exceeded without a fault, so the attempt proves nothing.
 * @param undo runs before each attempt except the first
 * @throws the error of the attempt
 */
export async function whileAwake(
  limitMs: number,
  attempt: () => Promise<void>,
  undo: () => Promise<void>,
): Promise<void> {
  for (;;) {
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delay.enable();
    const failure = await attempt().then(
      () => null,
      (error: unknown) => ({ error }),
    );
    delay.disable();
    const isAwake = delay.max / 1e6 < limitMs;
    if (isAwake && failure === null) return;
    if (isAwake && failure !== null) throw failure.error;
    await undo();
  }
}
