import { monitorEventLoopDelay } from "node:perf_hooks";

/** How finely stalls are measured, in milliseconds. */
const RESOLUTION_MS = 10;

/**
 * Makes an attempt, and makes it anew where this process stood still for `limitMs` in it: what is granted so much time
 * may then be over without anybody's fault, so that such an attempt proves nothing.
 * @param undo comes before each attempt but the first
 * @throws what the attempt throws
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
