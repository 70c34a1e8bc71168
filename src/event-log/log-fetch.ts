import { tracedFetch } from "../cache/channels.js";
import { type FlightLock } from "../cache/flight-lock.js";
import { type Grants } from "./store/grants.js";
import { blockRef, type BlockRef, tailRef } from "./geometry.js";
import { firstHead, type Head, headAfter, isCurrent, nextHead, reachesEnd, slackOf } from "./store/head.js";
import { HEAD, type EventLog, type ReadCall } from "./event-log.js";
import { type LogCache } from "./store/log-cache.js";
import { type OffsetUnitState } from "./offset-unit.js";
import { type Fetched, SharedReads } from "./shared-reads.js";
import { endOf, type Segment } from "./segment.js";
import { isOffsetIgnored, LawBroken } from "./upstream-laws.js";
import { type UpstreamReader } from "./upstream-reader.js";

/** What heads and blocks are fetched through. */
export type LogFetchParts = {
  readonly cache: LogCache;
  readonly access: Grants;
  readonly lock: FlightLock;
  readonly upstream: UpstreamReader;
  readonly unit: OffsetUnitState;
  readonly nowMs: () => number;
};

/** Fetches blocks and heads anew, by one upstream call for all who ask meanwhile, and stores them. */
export class LogFetch {
  readonly #blocks: SharedReads<Segment>;
  readonly #heads: SharedReads<Head>;

  constructor(private readonly parts: LogFetchParts) {
    this.#blocks = new SharedReads(parts.lock, parts.access, parts.nowMs);
    this.#heads = new SharedReads(parts.lock, parts.access, parts.nowMs);
  }

  /** A block, read at `sinceMs` or later. */
  block(log: EventLog, ref: BlockRef, sinceMs: number, call: ReadCall): Promise<Fetched<Segment>> {
    const local = (): Segment | null => {
      const block = this.parts.cache.block(log, ref);
      return block !== null && block.readAtMs >= sinceMs ? block : null;
    };
    const read = (flight: ReadCall): Promise<Segment> => this.#fetchBlock(log, ref, flight);
    return this.#traced(ref.key, () =>
      this.#blocks.read({ log, part: ref.key, sinceMs, local: local, read }, call),
    );
  }

  /** A head whose tail was read at `sinceMs` or later. */
  head(log: EventLog, sinceMs: number, call: ReadCall): Promise<Fetched<Head>> {
    const near = (): Head | null => {
      const head = this.parts.cache.head(log);
      return head !== null && isCurrent(head) && head.tail.readAtMs >= sinceMs ? head : null;
    };
    const read = (flight: ReadCall): Promise<Head> => this.#renewHead(log, sinceMs, flight);
    return this.#traced(HEAD, () => this.#heads.read({ log, part: HEAD, sinceMs, local: near, read }, call));
  }

  #traced<T>(part: string, fetch: () => Promise<Fetched<T>>): Promise<Fetched<T>> {
    return tracedFetch.run(
      () => ({ part, outcome: null }),
      (traced) =>
        traced === null
          ? fetch()
          : fetch().then((fetched) => {
              traced.outcome = fetched.outcome;
              return fetched;
            }),
    );
  }

  /** Asks the upstream for a block, stores it, and holds it against what the head says. */
  async #fetchBlock(log: EventLog, ref: BlockRef, call: ReadCall): Promise<Segment> {
    const { cache } = this.parts;
    const segment = await this.#ask(log, ref, call);
    const replaced = cache.block(log, ref);
    const changed = headAfter(cache.head(log), segment, replaced);
    if (changed !== null) cache.putHead(log, changed);
    cache.putBlock(log, ref, segment);
    return segment;
  }

  /** Reads the tail again where it was last known to be; without a hint, the first block tells where it is. */
  async #renewHead(log: EventLog, sinceMs: number, call: ReadCall): Promise<Head> {
    const { cache, unit } = this.parts;
    const previous = cache.head(log);
    if (previous === null) {
      const first = await this.#readRun(log, blockRef(unit.current, 0), sinceMs, call);
      const tail = reachesEnd(first, first.total)
        ? first
        : await this.#readTail(log, first.total, first.readAtMs, call);
      if (tail.start > 0 && isOffsetIgnored(first.rows, tail.rows)) {
        throw new LawBroken("offset", log.request, call.requestId);
      }
      return cache.putHead(log, firstHead(tail, first.readAtMs));
    }
    const ref = tailRef(unit.current, previous.knownTotal, slackOf(previous));
    const tail = await this.#readRun(log, ref, sinceMs, call);
    const head = nextHead(previous, tail, false);
    if (reachesEnd(tail, tail.total) && tail.rows.length > 0) return cache.putHead(log, head);
    // More was written than there was room for, or the log shrank: now the total is known.
    const moved = await this.#readTail(log, tail.total, tail.readAtMs, call);
    return cache.putHead(log, nextHead(head, moved, true));
  }

  /** Reads the tail of a log whose total was just told; what was written since then is left for the next time. */
  async #readTail(log: EventLog, total: number, toldAtMs: number, call: ReadCall): Promise<Segment> {
    const tail = await this.#readRun(log, tailRef(this.parts.unit.current, total, 0), toldAtMs, call);
    return reachesEnd(tail, tail.total) ? tail : { ...tail, total: endOf(tail), readAtMs: toldAtMs };
  }

  async #readRun(log: EventLog, ref: BlockRef, sinceMs: number, call: ReadCall): Promise<Segment> {
    // The tail is kept as part of the head alone; a block is shared with those who ask for it as such.
    if (ref.key === "tail") return this.#ask(log, ref, call);
    const { access, cache } = this.parts;
    const near = cache.block(log, ref);
    if (near !== null && cache.isFreshBlock(near, sinceMs, call)) {
      await access.ensure(log, call);
      return near;
    }
    const { value } = await this.block(log, ref, Math.max(sinceMs, cache.freshSinceMs(call)), call);
    return value;
  }

  #ask(log: EventLog, ref: BlockRef, call: ReadCall): Promise<Segment> {
    const { access, upstream } = this.parts;
    return access.observe(log, () => upstream.read(log, ref, call));
  }
}
