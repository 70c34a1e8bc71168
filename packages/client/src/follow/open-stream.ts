import { type LiveClient, type LiveResult } from "./live-client.js";
import { noteCursor } from "./resume.js";
import { createResultQueue, type StreamEnd } from "./result-queue.js";

/** The maximum number of batches that wait for a slow reader, with at most 100 events each. */
const MAX_WAITING = 32;

export type Stream = {
  take(): Promise<LiveResult | StreamEnd>;
  close(): void;
};

/**
 * Subscribes once. The stream ends if no batch comes for `silenceMs`, or if the signal is aborted.
 * @param variables is changed: the cursor of each batch is written into it
 */
export function openStream(
  client: LiveClient,
  query: string,
  variables: Record<string, unknown>,
  silenceMs: number,
  signal: AbortSignal,
): Stream {
  const queue = createResultQueue(MAX_WAITING);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expectBatch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      queue.end({ kind: "silent" });
      // The server does not answer. Without `terminate`, the next stream would use the same lost connection.
      client.terminate?.();
    }, silenceMs);
  };
  const abort = (): void => {
    queue.end({ kind: "completed" });
  };
  signal.addEventListener("abort", abort, { once: true });
  expectBatch();
  const unsubscribe = client.subscribe(
    { query, variables },
    {
      ...queue,
      next: (result) => {
        expectBatch();
        // The next stream sends a result again that had no room in the queue.
        if (queue.next(result)) noteCursor(variables, result);
      },
    },
  );
  return {
    take: () => queue.take(),
    close: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      queue.end({ kind: "completed" });
      unsubscribe();
    },
  };
}
