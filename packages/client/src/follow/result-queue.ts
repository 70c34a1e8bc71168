import { type LiveResult, type LiveSink } from "./live-client.js";

/** The reason why a subscription ended. */
export type StreamEnd =
  | { readonly kind: "failed"; readonly failure: unknown }
  /** The server completed it, or no batch and no heartbeat came for too long. */
  | { readonly kind: "completed" | "silent" }
  /** Too many results wait to be read. When they have been read, the caller must subscribe again. */
  | { readonly kind: "full" };

/** A bounded queue between the client, which adds results, and the loop, which takes them. */
export type ResultQueue = Omit<LiveSink, "next"> & {
  /** @returns whether the queue has accepted the result; after the end it accepts none */
  next(result: LiveResult): boolean;
  /** The next result; after the last one, the reason why the stream ended. */
  take(): Promise<LiveResult | StreamEnd>;
  end(ending: StreamEnd): void;
};

/** Whether a value is the end of the stream and not a result. */
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
