import { subscribe } from "../modelarts/channels.js";

/** The tries of calls to ModelArts for one request: their number and the sum of their durations. */
export type UpstreamTime = { tries: number; durationMs: number };

/** Sums the tries for requests that show them. It holds nothing for other requests. */
export class UpstreamTimes {
  readonly #open = new Map<string, Set<UpstreamTime>>();
  /** Ends the observation. */
  readonly end = subscribe("gateway:modelarts:try", ({ requestId, durationMs }) => {
    for (const time of this.#open.get(requestId) ?? []) {
      time.tries += 1;
      time.durationMs += durationMs;
    }
  });

  /** Sums the tries while the work runs. */
  async during<Result>(requestId: string, work: (time: UpstreamTime) => Promise<Result>): Promise<Result> {
    const time: UpstreamTime = { tries: 0, durationMs: 0 };
    // The ID is the caller's, so several requests can have the same.
    const same = this.#open.get(requestId) ?? new Set();
    this.#open.set(requestId, same.add(time));
    try {
      return await work(time);
    } finally {
      same.delete(time);
      if (same.size === 0) this.#open.delete(requestId);
    }
  }
}
