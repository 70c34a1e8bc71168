import { setImmediate as turn } from "node:timers/promises";
import { GatewayError } from "../../errors.js";
import { type CacheReport } from "../context.js";
import { heartbeat, type StreamPlace, unknownEnd } from "./event-batch.js";
import { type LiveCall, type LiveResult } from "./live-call.js";
import { type BatchRead, isNews, nextBatch, type StreamSubject } from "./next-batch.js";
import { HEARTBEAT_MS, untilNewsMs, withPatience } from "./patience.js";
import { readsOf, type SharedAudience, type StreamParts } from "./stream-parts.js";

/** Heartbeats of one log are sent no more often, however many subscriptions it has, in milliseconds. */
const BEAT_MIN_MS = 1_000;
/** After so many subscriptions the event loop gets a turn. */
const CHUNK = 100;

/** A subscription, as far as its follower knows it. */
export type Member = {
  readonly call: LiveCall;
  readonly place: StreamPlace;
  readonly audience: SharedAudience;
  /** When it was last sent anything, in milliseconds since the epoch. */
  readonly sentAtMs: number;
  /** Until when its rights are known without another check, in milliseconds since the epoch. */
  readonly authorizedUntilMs: number;
  take(result: LiveResult, nowMs: number): void;
  /** Continues by itself from a place that it has reached with its follower. */
  goAlone(place: StreamPlace): void;
  fail(error: unknown): void;
};

type Read = BatchRead & { readonly cache: CacheReport };

/**
 * Reads one log for all subscriptions that stand at its end with the same rights. It reads in the name of one of them
 * at a time, writes each batch once for each selection, and sends the same bytes to all.
 */
export class LogFollower {
  readonly #members = new Set<Member>();
  readonly #ended = new AbortController();
  #cache: CacheReport = { reads: [], isShown: false };
  #newsAtMs: number;
  #isDelivering = false;
  #isRunning = false;
  /** Ends the pause between two readings. */
  #wake: (() => void) | null = null;
  /** Those who wait for the end of the next reading. */
  #waiting: (() => void)[] = [];

  /** @param onEnd is called when it has no members any more, or failed */
  constructor(
    private readonly parts: StreamParts,
    private readonly subject: StreamSubject,
    private place: StreamPlace,
    private readonly onEnd: () => void,
  ) {
    this.#newsAtMs = parts.clock.nowMs();
  }

  /** Takes a subscription that stands at the same place. @returns whether it does */
  admit(member: Member): boolean {
    if (this.#ended.signal.aborted || member.place.endCursor !== this.place.endCursor) return false;
    this.#members.add(member);
    if (!this.#isRunning) {
      this.#isRunning = true;
      void this.#run();
      void this.#beat();
    }
    return true;
  }

  leave(member: Member): void {
    this.#members.delete(member);
    if (this.#members.size === 0) this.#end();
  }

  /** Reads at once, and resolves when that is done. */
  refresh(): Promise<void> {
    if (this.#ended.signal.aborted) return Promise.resolve();
    const done = new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#wake?.();
    return done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended;
    try {
      for (;;) {
        const read = await withPatience(
          () => this.#read(),
          this.parts,
          signal,
          () => {
            this.place = unknownEnd(this.place);
            this.#release();
          },
        );
        if (isNews(read.batch)) await this.#deliver(read);
        this.#cache = read.cache;
        this.place = read.place;
        this.#release();
        if (!read.hasMore) await this.#pause(read.freshForMs);
        signal.throwIfAborted();
      }
    } catch (error) {
      if (signal.aborted) return;
      const members = [...this.#members];
      this.#end();
      for (const member of members) member.fail(error);
    }
  }

  /** Reads in the name of the next member. One that is refused ends with that error, and the next one is taken. */
  async #read(): Promise<Read> {
    const { signal } = this.#ended;
    for (;;) {
      signal.throwIfAborted();
      const [leader] = this.#members;
      if (leader === undefined) throw new Error("A log without subscriptions is followed.");
      this.#members.delete(leader);
      this.#members.add(leader);
      try {
        const { context, end } = await leader.call.begin(signal);
        try {
          const reads = readsOf(context, this.subject.job);
          return { ...(await nextBatch(this.subject, this.place, reads, true)), cache: context.cache };
        } finally {
          end();
        }
      } catch (error) {
        const isRefused =
          error instanceof GatewayError && (error.code === "UNAUTHENTICATED" || error.code === "FORBIDDEN");
        if (!isRefused || signal.aborted) throw error;
        leader.fail(error);
      }
    }
  }

  /** Sends a batch to all members. Those who cannot take it now, or whose rights must be checked, continue alone. */
  async #deliver({ batch, place, cache }: Read): Promise<void> {
    const before = this.place;
    const members = [...this.#members];
    const results = new Map<SharedAudience, LiveResult>();
    const nowMs = this.parts.clock.nowMs();
    this.#newsAtMs = nowMs;
    this.#isDelivering = true;
    // From now on those who join are behind this batch.
    this.place = place;
    for (const [index, member] of members.entries()) {
      if (index > 0 && index % CHUNK === 0) await turn();
      if (!this.#members.has(member)) continue;
      if (!member.call.isReady || nowMs >= member.authorizedUntilMs) {
        this.#expel(member, before);
        continue;
      }
      const { audience } = member;
      const result = results.get(audience) ?? audience.write(batch, cache);
      results.set(audience, result);
      member.take(result, nowMs);
    }
    this.#isDelivering = false;
  }

  async #beat(): Promise<void> {
    const { clock } = this.parts;
    const { signal } = this.#ended;
    try {
      for (;;) {
        const nowMs = clock.nowMs();
        let dueAtMs = nowMs + HEARTBEAT_MS;
        if (!this.#isDelivering) dueAtMs = this.#sendHeartbeats(nowMs, dueAtMs);
        await clock.wait(Math.max(BEAT_MIN_MS, dueAtMs - nowMs), signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** @returns when the next one is due */
  #sendHeartbeats(nowMs: number, latestMs: number): number {
    const results = new Map<SharedAudience, LiveResult>();
    let dueAtMs = latestMs;
    for (const member of this.#members) {
      if (nowMs >= member.sentAtMs + HEARTBEAT_MS && member.call.isReady) {
        const { audience } = member;
        const beat =
          results.get(audience) ?? audience.write(heartbeat(this.place, this.subject.job), this.#cache);
        results.set(audience, beat);
        member.take(beat, nowMs);
      }
      dueAtMs = Math.min(dueAtMs, member.sentAtMs + HEARTBEAT_MS);
    }
    return dueAtMs;
  }

  #expel(member: Member, place: StreamPlace): void {
    this.#members.delete(member);
    member.goAlone(place);
    if (this.#members.size === 0) this.#end();
  }

  async #pause(freshForMs: number | null): Promise<void> {
    const { clock, pace } = this.parts;
    const ms = untilNewsMs(pace, freshForMs, clock.nowMs() - this.#newsAtMs);
    const woken = new AbortController();
    const stop = (): void => {
      woken.abort();
    };
    this.#ended.signal.addEventListener("abort", stop, { once: true });
    this.#wake = stop;
    await clock.wait(ms, woken.signal).catch(() => undefined);
    this.#wake = null;
    this.#ended.signal.removeEventListener("abort", stop);
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
  }

  #end(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#members.clear();
    this.#release();
    this.onEnd();
  }
}
