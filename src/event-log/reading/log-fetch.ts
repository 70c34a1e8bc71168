import { tracedFetch } from "../../cache/channels.js";
import { type FlightLock } from "../../cache/flight-lock.js";
import { type Grants } from "../store/grants.js";
import { GatewayError } from "../../errors.js";
import {
  BLOCK_ROWS,
  blockRef,
  type BlockRef,
  firstSlack,
  isTail,
  SLACK_ROWS_MIN,
  tailRef,
} from "../geometry.js";
import { firstHead, type Head, headAfter, isCurrent, nextHead, reachesEnd, slackOf } from "../store/head.js";
import { HEAD, type EventLog, type ReadCall } from "../event-log.js";
import { type LogCache } from "../store/log-cache.js";
import { type OffsetUnitState } from "../offset-unit.js";
import { type Fetched, SharedReads } from "../shared-reads.js";
import { compareRuns, endOf, type Segment } from "../segment.js";
import { isOffsetIgnored, LawBroken } from "../upstream-laws.js";
import { type UpstreamReader } from "../upstream-reader.js";

/** Room for rows that are written between two calls, if no earlier growth is known. */
const SLACKS = [SLACK_ROWS_MIN, 50, 90] as const;

/** The dependencies for reading heads and blocks from the upstream. */
export type LogFetchParts = {
  readonly cache: LogCache;
  readonly grants: Grants;
  readonly lock: FlightLock;
  readonly upstream: UpstreamReader;
  readonly unit: OffsetUnitState;
  readonly nowMs: () => number;
};

/** Reads blocks and heads from the upstream, in one flight for all waiting callers, and stores them. */
export class LogFetch {
  readonly #blocks: SharedReads<Segment>;
  readonly #heads: SharedReads<Head>;

  constructor(private readonly parts: LogFetchParts) {
    this.#blocks = new SharedReads(parts.lock, parts.grants, parts.nowMs);
    this.#heads = new SharedReads(parts.lock, parts.grants, parts.nowMs);
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

  /** A head whose tail was read at `sinceMs` or later. @param size the number of needed newest rows */
  head(log: EventLog, sinceMs: number, size: number, call: ReadCall): Promise<Fetched<Head>> {
    const local = (): Head | null => {
      const head = this.parts.cache.head(log);
      return head !== null && isCurrent(head) && head.tail.readAtMs >= sinceMs ? head : null;
    };
    const read = (flight: ReadCall): Promise<Head> => this.#renewHead(log, sinceMs, size, flight);
    return this.#traced(HEAD, () => this.#heads.read({ log, part: HEAD, sinceMs, local, read }, call));
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

  /**
   * The oldest rows, read at `sinceMs` or later. Their checksum is stored in the head. It shows whether a trim has
   * shifted the blocks.
   */
  async oldestRows(log: EventLog, sinceMs: number, call: ReadCall): Promise<Fetched<Segment>> {
    const fetched = await this.block(log, blockRef(this.parts.unit.current, 0), sinceMs, call);
    // Another process may have read them, while this process still has the older head.
    this.#note(log, fetched.value, null);
    return fetched;
  }

  /** Reads a block from the upstream, stores it, and compares it with the head. */
  async #fetchBlock(log: EventLog, ref: BlockRef, call: ReadCall): Promise<Segment> {
    const { cache, nowMs } = this.parts;
    const segment = await this.#ask(log, ref, call);
    const replaced = cache.reading(log, ref);
    if (cache.head(log) === null && replaced !== null && isSameWhole(replaced.segment, segment)) {
      // A second walk over this log has begun, and no walk has reached its end.
      const again = { segment, completeMs: nowMs() };
      const tail = await this.#readTail(log, segment, SLACKS[0], call);
      cache.putHead(log, firstHead(tail, nowMs(), [replaced, again]));
    } else {
      this.#note(log, segment, replaced?.segment ?? null);
    }
    cache.putBlock(log, ref, segment);
    return segment;
  }

  #note(log: EventLog, read: Segment, replaced: Segment | null): void {
    const { cache, unit } = this.parts;
    const head = cache.head(log);
    const first = head === null ? cache.reading(log, blockRef(unit.current, 0)) : null;
    const changed = headAfter(head, read, this.parts.nowMs(), replaced, first);
    if (changed !== null) cache.putHead(log, changed);
  }

  /** Reads the tail again at its last known place. Without a hint, the first block shows the total. */
  async #renewHead(log: EventLog, sinceMs: number, size: number, call: ReadCall): Promise<Head> {
    const { cache, unit, nowMs } = this.parts;
    const previous = cache.head(log);
    if (previous === null) {
      const oldest = blockRef(unit.current, 0);
      const first = await this.#readRun(log, oldest, sinceMs, call);
      if (reachesEnd(first, first.total)) return cache.putHead(log, firstHead(first, nowMs(), []));
      const completeMs = cache.reading(log, oldest)?.completeMs ?? nowMs();
      let tail = await this.#readTail(log, first, firstSlack(size), call);
      // The total is smaller than before: the replica lags, or the log was trimmed.
      if (tail.total < first.total) tail = await this.#readTail(log, first, firstSlack(size), call);
      return cache.putHead(log, firstHead(tail, nowMs(), [{ segment: first, completeMs }]));
    }
    const ref = tailRef(unit.current, previous.knownTotal, slackOf(previous));
    const tail = await this.#readRun(log, ref, sinceMs, call);
    if (reachesEnd(tail, tail.total) && tail.rows.length > 0) {
      return cache.putHead(log, nextHead(previous, tail, nowMs()));
    }
    // More rows were written than the slack allows, or the log shrank. Now the total is known.
    const moved = await this.#readTail(log, tail, SLACKS[0], call);
    return cache.putHead(log, nextHead(previous, moved, nowMs(), tail));
  }

  /** Reads the tail of a log whose total another reading has just shown. The log can grow in between. */
  async #readTail(log: EventLog, known: Segment, firstSlack: number, call: ReadCall): Promise<Segment> {
    let { total } = known;
    let tail: Segment | null = null;
    for (const slack of [firstSlack, ...SLACKS]) {
      const ref = linkedTo(known, tailRef(this.parts.unit.current, total, slack), total);
      tail = await this.#readRun(log, ref, known.readAtMs, call);
      if (known.start === 0 && tail.start > 0 && isOffsetIgnored(known.rows, tail.rows)) {
        throw new LawBroken("offset", log.request, call.requestId);
      }
      if (reachesEnd(tail, tail.total) && (tail.rows.length > 0 || tail.total === 0)) return tail;
      ({ total } = tail);
    }
    if (tail === null || tail.rows.length === 0) {
      throw new GatewayError("UPSTREAM_UNAVAILABLE", "The log changes faster than it can be read.");
    }
    // If the log grows faster than this, the page shows its previous state.
    return { ...tail, total: endOf(tail), readAtMs: known.readAtMs };
  }

  async #readRun(log: EventLog, ref: BlockRef, sinceMs: number, call: ReadCall): Promise<Segment> {
    // A tail is stored only as a part of the head. A block is also shared with callers that read it as a block.
    if (isTail(ref)) return this.#ask(log, ref, call);
    const { grants, cache } = this.parts;
    const local = cache.block(log, ref);
    if (local !== null && cache.fresh.isFreshBlock(local, sinceMs, call)) {
      await grants.ensure(log, call);
      return local;
    }
    const { value } = await this.block(log, ref, Math.max(sinceMs, cache.fresh.freshSinceMs(call)), call);
    return value;
  }

  #ask(log: EventLog, ref: BlockRef, call: ReadCall): Promise<Segment> {
    const { grants, upstream } = this.parts;
    return grants.observe(log, () => upstream.read(log, ref, call));
  }
}

/** The tail that shares a row with an earlier reading, if one call can return both that row and the end. */
function linkedTo(known: Segment, ref: BlockRef, total: number): BlockRef {
  const start = endOf(known) - 1;
  const isWithin = isTail(ref) && known.rows.length > 0 && start < ref.start;
  return isWithin && total < start + BLOCK_ROWS ? { ...ref, start, offset: start } : ref;
}

/** Whether two readings of the oldest block of a longer log are equal, so that nothing was trimmed. */
function isSameWhole(earlier: Segment, later: Segment): boolean {
  const isOldest = later.start === 0 && !reachesEnd(later, later.total);
  return isOldest && earlier.total === later.total && compareRuns(earlier, later) === "same";
}
