import { setImmediate as turn } from "node:timers/promises";
import { type CacheReport } from "../context.js";
import { heartbeat, type StreamPlace, unknownEnd } from "./event-batch.js";
import { type Member, type MemberRead, readAsMember, writeOnce } from "./member.js";
import { NewsPause } from "./news-pause.js";
import { isNews, type StreamSubject } from "./next-batch.js";
import { HEARTBEAT_MS, untilNewsMs, readWithRetries } from "./pace.js";
import { type StreamParts } from "./stream-parts.js";

/** The shortest time between heartbeats of one log, for any number of subscriptions, in milliseconds. */
const BEAT_MIN_MS = 1_000;
/** The number of subscriptions that get a batch before other work of the event loop runs. */
const CHUNK = 100;

/** Connects a follower with the rest of the process. */
type FollowerHooks = {
  /** Calls back when any operation or process has read new events of the log. @returns a function that stops it */
  readonly watch: (onNews: (readAtMs: number) => void) => () => void;
  /** Called when the follower has no members left, or has failed. */
  readonly onEnd: () => void;
};

/**
 * Reads one log for all subscriptions at its end with the same rights. Each read uses the credentials of one member. It
 * writes each batch once for each selection, and sends the same bytes to all members with this selection.
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
  /** The callers that wait for the end of the next reading. */
  #waiting: (() => void)[] = [];

  constructor(
    private readonly parts: StreamParts,
    private readonly subject: StreamSubject,
    private place: StreamPlace,
    private readonly hooks: FollowerHooks,
  ) {
    this.#newsAtMs = parts.clock.nowMs();
  }

  /** Adds a subscription if it has reached the same place. @returns whether it was added */
  admit(member: Member): boolean {
    if (this.#ended.signal.aborted || member.place.endCursor !== this.place.endCursor) return false;
    this.#members.add(member);
    if (!this.#isRunning) {
      this.#isRunning = true;
      this.#endWatch = this.hooks.watch((readAtMs) => {
        this.#pause.report(readAtMs);
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

  /** Reads at once, and resolves after the reading. */
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
        const read = await readWithRetries(
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

  /** Sends heartbeats at once when the log becomes stale or fresh. */
  #moveTo(place: StreamPlace): void {
    const isChange = place.isStale !== this.place.isStale;
    this.place = place;
    if (isChange) this.#sendHeartbeats(this.parts.clock.nowMs(), 0, true);
  }

  #read(): Promise<MemberRead> {
    return readAsMember(this.#members, this.subject, this.place, this.#ended.signal);
  }

  /** Sends a batch to all members. Members that are not ready, or whose rights must be checked, continue alone. */
  async #deliver({ batch, place, cache }: MemberRead): Promise<void> {
    const before = this.place;
    const members = [...this.#members];
    const written = writeOnce((writer) => writer.write(batch, cache));
    const nowMs = this.parts.clock.nowMs();
    this.#newsAtMs = nowMs;
    this.#isDelivering = true;
    // Members that join from now on have already passed this batch.
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

  /** @returns the time of the next heartbeat */
  #sendHeartbeats(nowMs: number, latestMs: number, areAllDue = false): number {
    const { job } = this.subject;
    const written = writeOnce((writer) => writer.write(heartbeat(this.place, job), this.#cache));
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
    this.hooks.onEnd();
  }
}
