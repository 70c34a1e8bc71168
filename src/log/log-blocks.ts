import { type CacheOutcome, publish } from "../cache/channels.js";
import { type FlightCall, Flights } from "../cache/flights.js";
import { blockRef, type BlockRef, type OffsetUnit, tailRef } from "./geometry.js";
import { firstHead, type Head, headAfter, nextHead, reachesEnd, slackOf, withFloor } from "./head.js";
import { type Log, type ReadCall } from "./log.js";
import { type LogCache, readHead, readSegment } from "./log-cache.js";
import { type OffsetUnitState } from "./offset-unit.js";
import { endOf, type Segment } from "./segment.js";
import { type UpstreamReader } from "./upstream-reader.js";

/** A block to read; `sinceMs` is the earliest moment at which it must have been read. */
export type BlockWant = { readonly log: Log; readonly ref: BlockRef; readonly sinceMs: number };

/** A block, and the newest total that is known with it: how many events, and when that was so. */
export type FoundBlock = { readonly segment: Segment; readonly total: number; readonly totalAtMs: number };

/** The blocks and heads of all logs: from the cache, else from one upstream call for all who ask meanwhile. */
export class LogBlocks {
  readonly #blockFlights: Flights<Segment>;
  readonly #headFlights: Flights<Head>;

  constructor(
    private readonly cache: LogCache,
    private readonly upstream: UpstreamReader,
    private readonly offsetUnit: OffsetUnitState,
    private readonly nowMs: () => number,
  ) {
    this.#blockFlights = new Flights(nowMs);
    this.#headFlights = new Flights(nowMs);
  }

  get unit(): OffsetUnit {
    return this.offsetUnit.current;
  }

  /** Reads blocks side by side, with one look into the cache for all. */
  async readBlocks(wants: readonly BlockWant[], call: ReadCall): Promise<Promise<FoundBlock>[]> {
    const keys = wants.flatMap(({ log, ref }) => [this.cache.blockKey(log, ref), this.cache.headKey(log)]);
    const stored = await this.cache.fetch(keys);
    return wants.map((want, index) =>
      this.#readBlock(want, stored[2 * index] ?? null, stored[2 * index + 1] ?? null, call),
    );
  }

  /** The newest end of a log, as of the last head lifetime, and not older than `sinceMs`. */
  async readHead(log: Log, sinceMs: number, call: ReadCall): Promise<Head> {
    const head = await this.cache.head(log);
    const isFresh = head !== null && this.cache.isFreshHead(head, sinceMs, call);
    if (isFresh) {
      publish("gateway:cache:read", { requestId: call.requestId, part: "head", outcome: "memory" });
      return head;
    }
    const since = Math.max(sinceMs, this.cache.freshSinceMs(call));
    const { value, joined } = await this.#headFlights.join(
      log.prefix,
      since,
      { signal: call.signal, deadlineMs: call.deadlineMs() },
      (flight) => this.#renewHead(log, since, callOf(flight, call)),
    );
    publish("gateway:cache:read", {
      requestId: call.requestId,
      part: "head",
      outcome: joined ? "joined" : "upstream",
    });
    return value;
  }

  /** What was last known of the end of a log, however old: a hint, never an answer. */
  hint(log: Log): Promise<Head | null> {
    return this.cache.head(log);
  }

  /** Whether a head answers without a call. */
  isFreshHead(head: Head, sinceMs: number, call: ReadCall): boolean {
    return this.cache.isFreshHead(head, sinceMs, call);
  }

  /** Makes all forget what was read of a log before this moment: it did not only grow. */
  async raiseFloor(log: Log, floorMs: number): Promise<void> {
    const head = await this.cache.head(log);
    if (head !== null && head.floorMs < floorMs) await this.cache.putHead(log, withFloor(head, floorMs));
  }

  async #readBlock(
    want: BlockWant,
    bytes: Buffer | null,
    headBytes: Buffer | null,
    call: ReadCall,
  ): Promise<FoundBlock> {
    const { log, ref, sinceMs } = want;
    const cached = readSegment(bytes);
    const head = cached === null ? null : readHead(headBytes);
    const isAlive = cached !== null && cached.readAtMs >= (head?.floorMs ?? 0);
    const isFresh = isAlive && this.cache.isFreshBlock(cached, sinceMs, call);
    if (isAlive && !isFresh && head !== null && this.cache.isSettledBlock(cached, this.unit, sinceMs)) {
      const { floorMs, tail } = await this.readHead(log, 0, call);
      if (cached.readAtMs >= floorMs) {
        publish("gateway:cache:read", { requestId: call.requestId, part: ref.key, outcome: "memory" });
        return { segment: cached, total: tail.total, totalAtMs: tail.readAtMs };
      }
    }
    const segment = await this.#freshBlock(want, isAlive ? cached : null, call);
    return { segment, total: segment.total, totalAtMs: segment.readAtMs };
  }

  /** The cached block if it is fresh by itself, else a flight for it. Never waits for a head. */
  async #freshBlock(
    { log, ref, sinceMs }: BlockWant,
    cached: Segment | null,
    call: ReadCall,
  ): Promise<Segment> {
    const tell = (outcome: CacheOutcome): void => {
      publish("gateway:cache:read", { requestId: call.requestId, part: ref.key, outcome });
    };
    if (cached !== null && this.cache.isFreshBlock(cached, sinceMs, call)) {
      tell("memory");
      return cached;
    }
    const { value, joined } = await this.#blockFlights.join(
      this.cache.blockKey(log, ref),
      Math.max(sinceMs, this.cache.freshSinceMs(call)),
      { signal: call.signal, deadlineMs: call.deadlineMs() },
      (flight) => this.#fetchBlock(log, ref, callOf(flight, call)),
    );
    tell(joined ? "joined" : cached === null ? "upstream" : "bypassed");
    return value;
  }

  /** Asks the upstream for a block, stores it, and holds it against what the head says. */
  async #fetchBlock(log: Log, ref: BlockRef, call: ReadCall): Promise<Segment> {
    const segment = await this.upstream.read(log, ref, call);
    const [replaced, head] = await Promise.all([this.cache.block(log, ref), this.cache.head(log)]);
    const changed = head === null ? null : headAfter(head, segment, replaced);
    if (changed !== null) await this.cache.putHead(log, changed);
    this.cache.putBlock(log, ref, segment);
    return segment;
  }

  /** Reads the tail again where it was last known to be; without a hint, the first block tells where it is. */
  async #renewHead(log: Log, sinceMs: number, call: ReadCall): Promise<Head> {
    const previous = await this.cache.head(log);
    if (previous === null) {
      const first = await this.#readRun(log, blockRef(this.unit, 0), sinceMs, call);
      const tail = reachesEnd(first, first.total)
        ? first
        : await this.#readTail(log, first.total, first.readAtMs, call);
      return this.cache.putHead(log, firstHead(tail, first.readAtMs));
    }
    const ref = tailRef(this.unit, previous.knownTotal, slackOf(previous));
    const tail = await this.#readRun(log, ref, sinceMs, call);
    const head = nextHead(previous, tail, false);
    if (reachesEnd(tail, tail.total) && tail.rows.length > 0) return this.cache.putHead(log, head);
    // More was written than there was room for, or the log shrank: now the total is known.
    const moved = await this.#readTail(log, tail.total, tail.readAtMs, call);
    return this.cache.putHead(log, nextHead(head, moved, true));
  }

  /** Reads the tail of a log whose total was just told; what was written since then is left for the next time. */
  async #readTail(log: Log, total: number, toldAtMs: number, call: ReadCall): Promise<Segment> {
    const tail = await this.#readRun(log, tailRef(this.unit, total, 0), toldAtMs, call);
    return reachesEnd(tail, tail.total) ? tail : { ...tail, total: endOf(tail), readAtMs: toldAtMs };
  }

  async #readRun(log: Log, ref: BlockRef, sinceMs: number, call: ReadCall): Promise<Segment> {
    // The tail is kept as part of the head alone; a block is shared with those who ask for it as such.
    if (ref.key === "tail") return this.upstream.read(log, ref, call);
    return this.#freshBlock({ log, ref, sinceMs }, await this.cache.block(log, ref), call);
  }
}

/** The call that a flight makes for all who wait for it, begun by one of them. */
function callOf(flight: FlightCall, call: ReadCall): ReadCall {
  return { ...call, signal: flight.signal, deadlineMs: flight.deadlineMs };
}
