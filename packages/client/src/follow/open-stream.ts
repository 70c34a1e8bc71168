import { type LiveClient, type LiveResult } from "./live-client.js";
import { noteCursor } from "./resume.js";
import { createResultQueue, type StreamEnd } from "./result-queue.js";

/** Batches that may wait for a slow reader, of at most 100 events each. */
const MAX_WAITING = 32;

export type Stream = {
  take(): Promise<LiveResult | StreamEnd>;
  close(): void;
};

/**
 * Subscribes once. The stream ends by itself where nothing comes for `silenceMs`, and when the signal is aborted.
 * @param variables are changed: the cursor of each batch is written into them
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
      // The peer does not answer, so that an unsubscription alone would keep the dead connection for the next stream.
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
