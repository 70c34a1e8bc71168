import { setImmediate as turn } from "node:timers/promises";
import { type CacheReport } from "../context.js";
import { heartbeat, type StreamPlace, unknownEnd } from "./event-batch.js";
import { type Member, writeOnce } from "./member.js";
import { type MemberRead, readAsMember } from "./member-read.js";
import { NewsPause } from "./news-pause.js";
import { isNews, type StreamSubject } from "./next-batch.js";
import { HEARTBEAT_MS, untilNewsMs, withPatience } from "./patience.js";
import { type StreamParts } from "./stream-parts.js";

/** Heartbeats of one log are sent no more often, however many subscriptions it has, in milliseconds. */
const BEAT_MIN_MS = 1_000;
/** After so many subscriptions the event loop gets a turn. */
const CHUNK = 100;

/** What a follower has around it. */
type Surroundings = {
  /** Calls back when anybody has read news of the log. @returns a function that ends it */
  readonly watch: (onNews: (readAtMs: number) => void) => () => void;
  /** Called when it has no members any more, or failed. */
  readonly onEnd: () => void;
};

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
  readonly #pause = new NewsPause();
  #endWatch = (): void => undefined;
  /** Those who wait for the end of the next reading. */
  #waiting: (() => void)[] = [];

  constructor(
    private readonly parts: StreamParts,
    private readonly subject: StreamSubject,
    private place: StreamPlace,
    private readonly around: Surroundings,
  ) {
    this.#newsAtMs = parts.clock.nowMs();
  }

  /** Takes a subscription that stands at the same place. @returns whether it does */
  admit(member: Member): boolean {
    if (this.#ended.signal.aborted || member.place.endCursor !== this.place.endCursor) return false;
    this.#members.add(member);
    if (!this.#isRunning) {
      this.#isRunning = true;
      this.#endWatch = this.around.watch((readAtMs) => {
        this.#pause.tell(readAtMs);
      });
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
    this.#pause.end();
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
            this.#moveTo(unknownEnd(this.place));
            this.#release();
          },
        );
        if (isNews(read.batch)) await this.#deliver(read);
        this.#cache = read.cache;
        this.#moveTo(read.place);
        this.#release();
        if (!read.hasMore) await this.#pauseUntilNews(read.freshForMs);
        signal.throwIfAborted();
      }
    } catch (error) {
      if (signal.aborted) return;
      const members = [...this.#members];
      this.#end();
      for (const member of members) member.fail(error);
    }
  }

  /** Where the log becomes stale or fresh, its members are told at once. */
  #moveTo(place: StreamPlace): void {
    const isTold = place.isStale === this.place.isStale;
    this.place = place;
    if (!isTold) this.#sendHeartbeats(this.parts.clock.nowMs(), 0, true);
  }

  #read(): Promise<MemberRead> {
    return readAsMember(this.#members, this.subject, this.place, this.#ended.signal);
  }

  /** Sends a batch to all members. Those who cannot take it now, or whose rights must be checked, continue alone. */
  async #deliver({ batch, place, cache }: MemberRead): Promise<void> {
    const before = this.place;
    const members = [...this.#members];
    const written = writeOnce((audience) => audience.write(batch, cache));
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
      member.take(written(member), nowMs);
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
  #sendHeartbeats(nowMs: number, latestMs: number, areAllDue = false): number {
    const { job } = this.subject;
    const written = writeOnce((audience) => audience.write(heartbeat(this.place, job), this.#cache));
    let dueAtMs = latestMs;
    for (const member of this.#members) {
      const isDue = areAllDue || nowMs >= member.sentAtMs + HEARTBEAT_MS;
      if (isDue && member.call.isReady) {
        member.take(written(member), nowMs);
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

  async #pauseUntilNews(freshForMs: number | null): Promise<void> {
    const { clock, pace } = this.parts;
    const ms = untilNewsMs(pace, freshForMs, clock.nowMs() - this.#newsAtMs);
    await this.#pause.take((signal) => clock.wait(ms, signal), this.place.asOfMs, this.#ended.signal);
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
  }

  #end(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#endWatch();
    this.#members.clear();
    this.#release();
    this.around.onEnd();
  }
}
