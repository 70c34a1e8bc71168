import { type EventBatch, heartbeat, type StreamPlace, unknownEnd } from "./event-batch.js";
import { type LiveCall, type LiveResult, type LiveRun } from "./live-call.js";
import { type LogFollower } from "./log-follower.js";
import { type LogFollowers } from "./log-followers.js";
import { type Member } from "./member.js";
import { type BatchRead, firstBatch, isNews, nextBatch, type StreamReads } from "./next-batch.js";
import { type StreamStart } from "../../paging/arguments.js";
import { type CacheReport, type OperationContext } from "../context.js";
import { HEARTBEAT_MS, untilNewsMs, readWithRetries } from "./pace.js";
import {
  isShared,
  readsOf,
  type SharedWriter,
  type StreamParts,
  type StreamRequest,
} from "./stream-parts.js";

const NOTHING_READ: CacheReport = { reads: [], isShown: false };

type Read = BatchRead & { readonly context: OperationContext; readonly own: LiveResult | null };

/**
 * One subscription. It reads alone until it has reached the end of its log, and then joins the follower of the log. It
 * leaves the follower if its client reads too slowly or its rights must be checked again, and joins it again later.
 */
export class Subscriber implements LiveRun, Member {
  place: StreamPlace;
  sentAtMs: number;
  /** Its rights are valid until then without another check, in milliseconds since the epoch. */
  authorizedUntilMs = 0;
  #hasBegun = false;
  #follower: LogFollower | null = null;
  /** Set while it reads alone. */
  #alone: AbortController | null = null;
  #isOver = false;
  /** The number of consecutive times that its place differed from the follower's. */
  #misses = 0;

  /** @param onError called with the error that ends the subscription */
  constructor(
    private readonly parts: StreamParts & { readonly followers: LogFollowers },
    readonly call: LiveCall,
    private readonly request: StreamRequest,
    start: StreamStart,
    private readonly onError: (error: unknown) => void,
  ) {
    this.sentAtMs = parts.clock.nowMs();
    this.place = {
      endCursor: start.page.after?.cursor ?? null,
      caughtUp: false,
      asOfMs: this.sentAtMs,
      isStale: true,
      window: null,
    };
    void this.#readAlone(start);
  }

  /** Used only after it has joined a follower. */
  get writer(): SharedWriter {
    const { writer } = this.request;
    if (!isShared(writer)) throw new Error("The subscription has no shared writer.");
    return writer;
  }

  /** Sends a result. */
  take(result: LiveResult, nowMs: number): void {
    this.sentAtMs = nowMs;
    this.call.send(result);
  }

  /** Leaves the follower and continues alone from this place. */
  goAlone(place: StreamPlace): void {
    this.#follower = null;
    this.place = place;
    void this.#readAlone(null);
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    this.stop();
    this.onError(error);
  }

  stop(): void {
    this.#isOver = true;
    this.#alone?.abort();
    this.#follower?.leave(this);
    this.#follower = null;
  }

  /** @param start the start of a new stream; null to continue from its place */
  async #readAlone(start: StreamStart | null): Promise<void> {
    const alone = new AbortController();
    const { signal } = alone;
    this.#alone = alone;
    void this.#beat(signal);
    try {
      const { writer, subject } = this.request;
      const following = (reads: StreamReads): Promise<BatchRead> =>
        nextBatch(subject, this.place, reads, !isShared(writer));
      let next = start === null ? following : (reads: StreamReads) => firstBatch(subject, start, reads);
      for (;;) {
        await this.#untilReady(signal);
        const read = await this.#read(next, signal);
        next = following;
        if (this.#isToSend(read.batch)) await this.#send(read, signal);
        this.place = read.place;
        if (!read.hasMore && (await this.#join(read, signal))) return;
      }
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    } finally {
      alone.abort();
      if (this.#alone === alone) this.#alone = null;
    }
  }

  /** Whether to send a batch: the first one, one with events, or one with which the log becomes stale or fresh. */
  #isToSend(batch: EventBatch): boolean {
    return !this.#hasBegun || isNews(batch) || batch.isStale !== this.place.isStale;
  }

  #read(next: (reads: StreamReads) => Promise<BatchRead>, signal: AbortSignal): Promise<Read> {
    const read = async (): Promise<Read> => {
      const { context, end } = await this.call.begin(signal);
      try {
        const { writer, subject } = this.request;
        const found = await next(readsOf(context, subject.job));
        this.authorizedUntilMs = context.authorizedUntilMs;
        const own =
          this.#isToSend(found.batch) && !isShared(writer)
            ? await writer.execute(found.batch, context)
            : null;
        return { ...found, context, own };
      } finally {
        end();
      }
    };
    return readWithRetries(read, this.parts, signal, () => {
      const isReported = this.#hasBegun && this.place.isStale;
      this.place = unknownEnd(this.place);
      if (!isReported) this.#sendHeartbeat(signal).catch(() => undefined);
    });
  }

  async #send({ batch, context, own }: Read, signal: AbortSignal): Promise<void> {
    await this.#untilReady(signal);
    this.#hasBegun = true;
    this.#misses = 0;
    this.take(own ?? this.writer.write(batch, context.cache), this.parts.clock.nowMs());
  }

  /** Joins the follower of the log, or waits until there can be new events. @returns whether it has joined */
  async #join({ context, freshForMs }: Read, signal: AbortSignal): Promise<boolean> {
    const { clock, followers, pace } = this.parts;
    const { writer, subject } = this.request;
    const pause = (): Promise<void> => clock.wait(untilNewsMs(pace, freshForMs, 0), signal);
    if (!isShared(writer) || this.place.endCursor === null) {
      await pause();
      return false;
    }
    const follower = followers.of(subject, context, this.place);
    if (!follower.admit(this)) {
      // The two have different readings of the log. With several logs, their cursors can differ until the next event.
      await Promise.race([follower.refresh(), pause()]);
      signal.throwIfAborted();
      if (!follower.admit(this)) {
        this.#misses += 1;
        if (this.#misses > 1) await pause();
        return false;
      }
    }
    this.#follower = follower;
    return true;
  }

  async #untilReady(signal: AbortSignal): Promise<void> {
    while (!this.call.isReady) {
      await new Promise<void>((resolve) => {
        this.call.whenReady(resolve);
      });
      signal.throwIfAborted();
    }
  }

  async #beat(signal: AbortSignal): Promise<void> {
    const { clock } = this.parts;
    try {
      for (;;) {
        await clock.wait(Math.max(0, this.sentAtMs + HEARTBEAT_MS - clock.nowMs()), signal);
        if (clock.nowMs() >= this.sentAtMs + HEARTBEAT_MS) await this.#sendHeartbeat(signal);
      }
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
  }

  async #sendHeartbeat(signal: AbortSignal): Promise<void> {
    // A heartbeat that cannot be sent is skipped.
    const nowMs = this.parts.clock.nowMs();
    this.sentAtMs = nowMs;
    const result = await this.#writeHeartbeat(signal);
    if (signal.aborted || !this.call.isReady) return;
    this.#hasBegun = true;
    this.take(result, nowMs);
  }

  async #writeHeartbeat(signal: AbortSignal): Promise<LiveResult> {
    const { writer, subject } = this.request;
    const batch = heartbeat(this.place, subject.job);
    if (isShared(writer)) return writer.write(batch, NOTHING_READ);
    const { context, end } = await this.call.begin(signal);
    try {
      return await writer.execute(batch, context);
    } finally {
      end();
    }
  }
}
