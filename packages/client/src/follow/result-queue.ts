import { type LiveResult, type LiveSink } from "./live-client.js";

/** How a subscription ended. */
export type StreamEnd =
  | { readonly kind: "failed"; readonly failure: unknown }
  /** The server completed it, or no batch and no heartbeat came for too long. */
  | { readonly kind: "completed" | "silent" }
  /** Too many results wait to be read: it is to be subscribed anew once they were. */
  | { readonly kind: "full" };

/** A bounded queue between the client that pushes results and the loop that takes them. */
export type ResultQueue = Omit<LiveSink, "next"> & {
  /** @returns whether the result is in the queue; after the end none is taken */
  next(result: LiveResult): boolean;
  /** The next result; once all were taken, how the stream ended. */
  take(): Promise<LiveResult | StreamEnd>;
  end(ending: StreamEnd): void;
};

/** Tells an end from a result. */
export function isEnd(taken: LiveResult | StreamEnd): taken is StreamEnd {
  return "kind" in taken;
}

export function createResultQueue(maxResults: number): ResultQueue {
  const waiting: LiveResult[] = [];
  let ended: StreamEnd | null = null;
  let wake = (): void => undefined;
  const end = (ending: StreamEnd): void => {
    ended ??= ending;
    wake();
  };
  return {
    end,
    next: (result) => {
      if (ended !== null) return false;
      waiting.push(result);
      if (waiting.length >= maxResults) end({ kind: "full" });
      wake();
      return true;
    },
    error: (failure) => {
      end({ kind: "failed", failure });
    },
    complete: () => {
      end({ kind: "completed" });
    },
    take: async () => {
      for (;;) {
        const taken = waiting.shift() ?? ended;
        if (taken !== null) return taken;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
