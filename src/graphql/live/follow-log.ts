import { GatewayError } from "../../errors.js";
import { pageAfter, type PageRequest, type StreamStart } from "../../paging/arguments.js";
import { type EventConnection, type EventEdge } from "../../paging/connection.js";

/** What a stream sends at a time; without edges it is a heartbeat. */
export type EventBatch = {
  readonly edges: readonly EventEdge[];
  /** `after` of the stream that goes on where this one ends; null as long as nothing could be read. */
  readonly endCursor: string | null;
  /** Whether the log holds nothing more, as of a reading that was not stale. */
  readonly caughtUp: boolean;
};

/** A clock in milliseconds since the epoch, and a way to let time pass. */
export type Clock = {
  readonly nowMs: () => number;
  /** @throws when the signal is aborted, or was */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** How often a stream reads, and how long it bears an upstream that fails. */
export type StreamPace = {
  /** How long the end of a log is believed, in milliseconds: nothing new can be seen sooner. */
  readonly headTtlMs: number;
  /** For how long failures that may pass are waited out, in milliseconds. */
  readonly patienceMs: number;
};

/** One page, and for how long it is the newest that can be had, in milliseconds; null where it is stale. */
export type StreamRead = { readonly page: EventConnection; readonly freshForMs: number | null };

/** What a stream is made of. */
export type StreamParts = {
  /** Reads one page, as an operation of its own. */
  readonly read: (page: PageRequest) => Promise<StreamRead>;
  readonly clock: Clock;
  readonly pace: StreamPace;
  /** Ends the stream. */
  readonly signal: AbortSignal;
};

/** An empty batch is sent where for so long there was none, in milliseconds. */
const HEARTBEAT_MS = 15_000;
/** No log is read more often, however short heads live, in milliseconds. */
const POLL_MIN_MS = 500;
/** What is read just as a head expires would still be the old one; timers may also be early. In milliseconds. */
const EXPIRED_MS = 10;
/** The first pause between two tries while the upstream fails, and the longest one, in milliseconds. */
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 30_000;

/**
 * Follows a log: what stands already, in full batches, then what comes. It reads only when the next batch is asked
 * for, so that a slow reader holds up nothing but itself, and ends without an error when its signal is aborted.
 * @throws GatewayError what does not pass by itself, or has not passed in time
 */
export async function* followLog(parts: StreamParts, start: StreamStart): AsyncGenerator<EventBatch, void> {
  try {
    yield* new EventStream(parts).run(start);
  } catch (error) {
    if (!parts.signal.aborted) throw error;
  }
}

class EventStream {
  #endCursor: string | null = null;
  #caughtUp = false;
  /** Null before the first batch. */
  #sentAtMs: number | null = null;
  readonly #begunAtMs: number;

  constructor(private readonly parts: StreamParts) {
    this.#begunAtMs = parts.clock.nowMs();
  }

  async *run({ page: first, isShown }: StreamStart): AsyncGenerator<EventBatch, never> {
    this.#endCursor = first.after?.cursor ?? null;
    let read = yield* this.#read(first);
    const shown = isShown ? read.page.edges : [];
    // Also where there is nothing to send: whoever listens learns that the stream has begun.
    yield this.#batch(shown);
    for (;;) {
      // An empty page that promises more would be asked for without end.
      const goesOn = read.page.pageInfo.hasNextPage && read.page.edges.length > 0;
      if (!goesOn) yield* this.#pause(this.#untilNews(read.freshForMs));
      const after = this.#endCursor === null ? null : { cursor: this.#endCursor, argument: "after" };
      read = yield* this.#read(pageAfter(first.filter, after));
      if (read.page.edges.length > 0) yield this.#batch(read.page.edges);
    }
  }

  /** How long to wait until the log can show something new: all who follow it then read the same new head. */
  #untilNews(freshForMs: number | null): number {
    const { headTtlMs } = this.parts.pace;
    return Math.max(POLL_MIN_MS, Math.min(freshForMs ?? headTtlMs, headTtlMs) + EXPIRED_MS);
  }

  /** Reads a page, with growing pauses for as long as that fails in a way that may pass. */
  async *#read(page: PageRequest): AsyncGenerator<EventBatch, StreamRead> {
    const { clock, pace, read } = this.parts;
    const sinceMs = clock.nowMs();
    for (let pauseMs = RETRY_MIN_MS; ; pauseMs = Math.min(2 * pauseMs, RETRY_MAX_MS)) {
      const tried = yield* this.#beatUntil(read(page).catch(passingOrThrow));
      if (!(tried instanceof GatewayError)) {
        const { pageInfo, beginning } = tried.page;
        this.#endCursor = pageInfo.endCursor ?? this.#endCursor ?? beginning ?? null;
        this.#caughtUp = !tried.page.pageInfo.hasNextPage && tried.freshForMs !== null;
        return tried;
      }
      const waitMs = Math.max(pauseMs, tried.details.retryAfterMs ?? 0);
      if (clock.nowMs() + waitMs > sinceMs + pace.patienceMs) throw tried;
      this.#caughtUp = false;
      if (this.#sentAtMs === null) yield this.#batch([]);
      yield* this.#pause(waitMs);
    }
  }

  #pause(ms: number): AsyncGenerator<EventBatch, void> {
    return this.#beatUntil(this.parts.clock.wait(ms, this.parts.signal));
  }

  /** Waits for something, and sends heartbeats meanwhile. */
  async *#beatUntil<T>(awaited: Promise<T>): AsyncGenerator<EventBatch, T> {
    const { clock, signal } = this.parts;
    const done = awaited.then((value) => ({ value }));
    for (;;) {
      const untilBeatMs = (this.#sentAtMs ?? this.#begunAtMs) + HEARTBEAT_MS - clock.nowMs();
      const timer = new AbortController();
      const stop = (): void => {
        timer.abort();
      };
      signal.addEventListener("abort", stop, { once: true });
      const beat = clock.wait(Math.max(0, untilBeatMs), timer.signal).then(
        () => null,
        () => null,
      );
      try {
        const first = await Promise.race([done, beat]);
        if (first !== null) return first.value;
        signal.throwIfAborted();
      } finally {
        timer.abort();
        signal.removeEventListener("abort", stop);
      }
      yield this.#batch([]);
    }
  }

  #batch(edges: readonly EventEdge[]): EventBatch {
    this.#sentAtMs = this.parts.clock.nowMs();
    return { edges, endCursor: this.#endCursor, caughtUp: this.#caughtUp };
  }
}

/** An error that may pass is a result, to be waited out. */
function passingOrThrow(error: unknown): GatewayError {
  if (error instanceof GatewayError && error.retryable) return error;
  throw error;
}
